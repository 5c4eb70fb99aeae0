import { Cell } from "../../base/cell.ts";
import type { Fault } from "../../base/fault.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import { asksFolder, encodeAsk } from "../../model/ask-entry.ts";
import type { Entries } from "../../model/entry.ts";
import {
  countUsing,
  type Unacknowledged,
  unserved,
  type Watcher,
  watcherTtlMs,
} from "../../model/watcher-entry.ts";
import type { KeySink, KeySource } from "../contract.ts";
import { publish } from "../publish.ts";
import { type RollDeps, untilRoll } from "./roll.ts";

/** How soon an unreachable keyspace is tried again. */
const backoff: Backoff = { firstMs: 100, maxMs: 1000 };

/** A question to all watchers. */
export interface Question {
  /** Unique among all questions of the keyspace. */
  readonly id: string;
  /** The revision of each entry, by key. */
  readonly wanted: ReadonlyMap<string, string>;
  /** The share of the watchers that has to serve each of them, above 0 to 1. */
  readonly minShare: number;
  readonly limitMs: number;
  /** How many others count as watchers that serve an entry, by key; none by default. */
  readonly serversBeside?: (key: string) => number;
}

export interface AskDeps extends RollDeps {
  /** Called with the watchers that do not serve, whenever they have changed. */
  readonly onMissing?: (missing: readonly Unacknowledged[]) => void;
}

/** How many watchers serve an instance. */
export interface ServedBy {
  readonly key: string;
  readonly serving: number;
  /** How many watchers read its service. */
  readonly watchers: number;
  /** The names of the ones that do not serve it. */
  readonly missing: readonly string[];
  /** The requested share serves it. */
  readonly isServed: boolean;
}

export interface Served {
  readonly instances: readonly ServedBy[];
  /** Why the question could not be asked, or its answers not be read; undefined if they could. */
  readonly fault: Fault | undefined;
  /** The watchers were read. */
  readonly isRead: boolean;
}

/**
 * Asks the watchers whether their proxies send requests to instances, and waits until enough of them do. An instance whose
 * service no watcher reads is not served. The question is an entry of a session of its own, which ends with the wait.
 */
export async function askServed(
  keyspace: KeySink & KeySource,
  question: Question,
  { onMissing, ...deps }: AskDeps,
  signal: AbortSignal,
): Promise<Served> {
  const { id, wanted, limitMs } = question;
  let fault: Fault | undefined;
  let unread: Fault | undefined;
  const key = `${asksFolder}/${id}`;
  const desired = new Cell<Entries>(new Map());
  const onOpened = ({ id: session }: { readonly id: string }) =>
    desired.set(new Map([[key, encodeAsk({ session, serving: [...wanted.keys()] })]]));
  const onFault = (one: Fault) => {
    fault = one;
  };
  const onConverged = () => {
    fault = undefined;
  };
  const asking = (s: AbortSignal) => {
    const rules = { ttlMs: watcherTtlMs, backoff, overwrites: true };
    return retry(
      (_, t) => publish(keyspace, desired, rules, { ...deps, onFault, onOpened, onConverged }, t),
      backoff,
      { ...deps, onFault },
      s,
    );
  };
  const isComplete = ({ watchers }: { readonly watchers: readonly Watcher[] }) => {
    onMissing?.(unserved(wanted, watchers));
    return servedBy(question, watchers).every(({ isServed }) => isServed);
  };
  const onRead = (one: Fault | undefined) => {
    unread = one;
  };
  const reading = (s: AbortSignal) =>
    untilRoll(keyspace, isComplete, limitMs, { ...deps, onRead }, s);
  const roll = await race(signal, reading, asking);
  const instances = servedBy(question, roll?.watchers ?? []);
  return { instances, fault: fault ?? unread, isRead: roll !== undefined };
}

function servedBy(
  { wanted, minShare, serversBeside = () => 0 }: Question,
  watchers: readonly Watcher[],
): readonly ServedBy[] {
  const byKey = Map.groupBy(unserved(wanted, watchers), ({ key }) => key);
  return [...wanted.keys()].map((key) => {
    const using = countUsing(key, watchers) + serversBeside(key);
    const missing = (byKey.get(key) ?? []).map(({ watcher }) => watcher).sort();
    const serving = using - missing.length;
    const isServed = using > 0 && serving >= Math.ceil(using * minShare);
    return { key, serving, watchers: using, missing, isServed };
  });
}
