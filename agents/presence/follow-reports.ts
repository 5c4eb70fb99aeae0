import { Cell, type Current } from "../../lib/base/cell.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll } from "../../lib/base/signal.ts";
import { readWatchers } from "../../lib/keyspace/acks/read-watchers.ts";
import { followSuspects } from "../../lib/keyspace/suspects/follow.ts";
import {
  type Reporters,
  reportersOf,
  suspectsFolder,
  type WatcherSuspects,
} from "../../lib/model/suspects-entry.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** An instance that proxies fail to use. */
export interface ProxyReport extends Reporters {
  /** Since when, in milliseconds of the clock. */
  readonly sinceMs: number;
}

/** By the name of the instance. */
export type ProxyReports = ReadonlyMap<string, ProxyReport>;

/** What watchers report. */
export interface Reports {
  /** Of the instances of this agent. */
  readonly own: ProxyReports;
  /** The share of the watchers that use an instance of any agent and report it, 0 to 1, by its key in the store. */
  readonly shareOf: (storeKey: string) => number;
}

export const noReports: Reports = { own: new Map(), shareOf: () => 0 };

/** How often the watchers are counted anew while some report an instance, in milliseconds. */
const countMs = 10_000;

type OwnKeys = Pick<PresenceState, "confirmed" | "storeKeys">;

/**
 * Keeps `reports` equal to the registered instances of this agent that proxies fail to use, as far as their watchers report it. At
 * rest no watcher does, and nothing is read.
 */
export async function followReports(
  placing: Current<Placing>,
  state: OwnKeys,
  reports: Cell<Reports>,
  { keyspace, clock, random, log }: Pick<PresenceDeps, "keyspace" | "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<void> {
  const entries = new Cell<readonly WatcherSuspects[]>([]);
  const deps = { clock, random, onFault: denialLogger(log) };
  const collecting = async (s: AbortSignal) => {
    for (;;) {
      const { version, value } = entries;
      const own = ownSuspects(value, placing.value, state);
      const isNew = own.size + reports.value.own.size > 0;
      const found = isNew && (await reportsOn(own, value, { keyspace, clock }, s));
      if (found) reports.set(withTimes(found, reports.value, clock.now()));
      const isAtRest = value.length === 0;
      await race(
        s,
        (t) => entries.newer(version, t),
        ...(isAtRest ? [] : [(t: AbortSignal) => clock.sleep(countMs, t)]),
      );
    }
  };
  await runAll(signal, (s) => followSuspects(keyspace, entries, deps, s), collecting);
}

/** The instances of this agent that any watcher reports: the key in the store by name. */
function ownSuspects(
  entries: readonly WatcherSuspects[],
  placing: Placing,
  { confirmed, storeKeys }: OwnKeys,
): ReadonlyMap<string, string> {
  const { nameAt } = placesOf(placing);
  const keyAt = new Map(Array.from(storeKeys.value, ([key, storeKey]) => [storeKey, key]));
  const reported = new Set(entries.flatMap(({ suspects }) => [...suspects.keys()]));
  const own = [...reported].flatMap((storeKey) => {
    const key = keyAt.get(storeKey) ?? storeKey;
    return confirmed.value.has(key) ? [[nameAt(key), storeKey] as const] : [];
  });
  return new Map(own);
}

interface Found extends Pick<Reports, "shareOf"> {
  readonly reporters: ReadonlyMap<string, Reporters>;
}

/** Undefined while the watchers cannot be read. */
async function reportsOn(
  own: ReadonlyMap<string, string>,
  entries: readonly WatcherSuspects[],
  { keyspace, clock }: Pick<PresenceDeps, "keyspace" | "clock">,
  signal: AbortSignal,
): Promise<Found | undefined> {
  if (own.size === 0) return { reporters: new Map(), shareOf: noReports.shareOf };
  try {
    const { watchers } = await readWatchers(keyspace, clock, signal);
    const on = (storeKey: string) => reportersOf(storeKey, entries, watchers);
    const all = Array.from(own, ([name, storeKey]) => [name, on(storeKey)] as const);
    const shareOf = (storeKey: string) => {
      const { failing, of } = on(storeKey);
      return of > 0 ? failing.size / of : 0;
    };
    return { reporters: new Map(all.filter(([, { failing }]) => failing.size > 0)), shareOf };
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return undefined;
  }
}

function withTimes({ reporters, shareOf }: Found, { own }: Reports, nowMs: number): Reports {
  const all = Array.from(reporters, ([name, one]) => {
    return [name, { ...one, sinceMs: own.get(name)?.sinceMs ?? nowMs }] as const;
  });
  return { own: new Map(all), shareOf };
}

/** Logs the first denial. An unreachable keyspace is reported by other loops. */
function denialLogger(log: Log): (fault: Fault) => void {
  let isLogged = false;
  return ({ code, message }) => {
    if (code !== "KEYSPACE_PERMISSION_DENIED" || isLogged) return;
    isLogged = true;
    const sentence = `${message}; this agent does not learn which of its instances proxies fail to use: grant read permission below ${suspectsFolder}`;
    log.warn("reports_denied", sentence, { code });
  };
}
