import { Cell } from "../../base/cell.ts";
import type { Clock } from "../../base/clock.ts";
import type { Fault } from "../../base/fault.ts";
import { type Backoff, retry } from "../../base/retry.ts";
import { race } from "../../base/signal.ts";
import type { Entries } from "../../model/entry.ts";
import { encodeSuspects, type Suspects, suspectsKeyOf } from "../../model/suspects-entry.ts";
import { watcherTtlMs } from "../../model/watcher-entry.ts";
import type { KeySink } from "../contract.ts";
import { publish } from "../publish.ts";

/** How soon an entry that cannot be written is tried again: another state may be due by then. */
const backoff: Backoff = { firstMs: 1000, maxMs: 60_000 };

/** The entry is written at most once in so many milliseconds. */
const pauseMs = 5000;

export interface PublishSuspectsDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Called with the fault of each attempt. */
  readonly onFault: (fault: Fault) => void;
}

/**
 * Keeps the entry of a watcher with the instances that its proxies fail to use, `watcher` being its name. It has an entry, and a
 * session for it, only while there are some: a fleet at rest writes nothing.
 */
export async function publishSuspects(
  keyspace: KeySink,
  watcher: string,
  suspects: Cell<Suspects>,
  { clock, random, onFault }: PublishSuspectsDeps,
  signal: AbortSignal,
): Promise<never> {
  const key = suspectsKeyOf(watcher);
  const rules = { ttlMs: watcherTtlMs, backoff, overwrites: true };
  for (;;) {
    await suspects.until(({ size }) => size > 0, signal);
    let session: string | undefined;
    let written = suspects.value;
    const entries = () => new Map([[key, encodeSuspects(session, written)]]);
    const desired = new Cell<Entries>(entries());
    const onOpened = ({ id }: { readonly id: string }) => {
      session = id;
      desired.set(entries());
    };
    const deps = { clock, random, onFault, onOpened };
    const publishing = (s: AbortSignal) =>
      retry((_, t) => publish(keyspace, desired, rules, deps, t), backoff, deps, s);
    const untilNone = async (s: AbortSignal) => {
      const isNews = (latest: Suspects) =>
        encodeSuspects(session, latest) !== encodeSuspects(session, written);
      while (written.size > 0) {
        await clock.sleep(pauseMs, s);
        written = await suspects.until(isNews, s);
        desired.set(entries());
      }
    };
    // Its end closes the session, which removes the entry.
    await race(signal, publishing, untilNone);
  }
}
