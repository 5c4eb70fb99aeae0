import type { Clock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { withTimeout } from "../../../lib/base/timeout.ts";
import type { TogetherPlan } from "../../../lib/config/plan.ts";
import { readWatchers } from "../../../lib/keyspace/acks/read-watchers.ts";
import type { KeySource } from "../../../lib/keyspace/contract.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Watcher } from "../../../lib/model/watcher-entry.ts";
import type { WatcherFile } from "../../../lib/model/watcher-file.ts";
import type { Culprit } from "../../../lib/view/bisect.ts";
import { numberOf } from "./revision.ts";

/** How long a list of the watchers may take, in milliseconds. */
const limitMs = 2000;

/** The watchers that take turns with this one, as they are now; empty if they cannot be read. */
export class Peers {
  readonly #keyspace: KeySource;
  readonly #group: string;
  readonly #ownName: string;
  readonly #clock: Clock;

  constructor(keyspace: KeySource, group: string, ownName: string, clock: Clock) {
    this.#keyspace = keyspace;
    this.#group = group;
    this.#ownName = ownName;
    this.#clock = clock;
  }

  async read(signal: AbortSignal): Promise<readonly Watcher[]> {
    try {
      const reading = (s: AbortSignal) => readWatchers(this.#keyspace, this.#clock, s);
      const roll = await withTimeout(limitMs, reading, () => undefined, this.#clock, signal);
      const all = roll?.watchers ?? [];
      return all.filter(({ turns, name }) => turns === this.#group && name !== this.#ownName);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      return [];
    }
  }
}

/** How many may reload at a time, of so many watchers. */
export function slotsOf({ max }: Pick<TogetherPlan, "max">, watchers: number): number {
  return "count" in max ? max.count : Math.max(1, Math.floor(max.share * watchers));
}

/** The entries of this snapshot that the proxies or checks of peers refuse, whose templates and checks are the same. */
export function refusedByPeers(
  peers: readonly Watcher[],
  judge: string,
  snapshot: Snapshot,
): readonly Culprit<Entry>[] {
  const found = new Map<string, Culprit<Entry>>();
  for (const { name, files } of peers) {
    for (const refused of (files?.files ?? []).filter(isOf(judge)).flatMap(refusedIn)) {
      const at = refused.lastIndexOf("@");
      const entry = snapshot.get(refused.slice(0, at));
      if (entry?.revision !== refused.slice(at + 1) || found.has(entry.key)) continue;
      found.set(entry.key, { item: entry, why: `the watcher ${name} was refused it` });
    }
  }
  return [...found.values()];
}

function refusedIn({ refused, refusedToo = [] }: WatcherFile): readonly string[] {
  return refused === undefined ? refusedToo : [refused, ...refusedToo];
}

/** Whether a peer with the same templates has applied the change of this revision, and has given its turn back. */
export function isProved(
  peers: readonly Watcher[],
  judge: string,
  revision: bigint | undefined,
  queued: ReadonlySet<string>,
): boolean {
  if (revision === undefined) return false;
  return peers.some(({ name, files }) => {
    const own = (files?.files ?? []).filter(isOf(judge));
    return !queued.has(name) && own.length > 0 && own.every((file) => isInSync(file, revision));
  });
}

function isInSync({ state, revision = "" }: WatcherFile, minimum: bigint): boolean {
  const verified = numberOf(revision);
  return state === "in sync" && verified !== undefined && verified >= minimum;
}

function isOf(judge: string) {
  return (file: WatcherFile) => file.judge === judge;
}
