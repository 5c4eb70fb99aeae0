import { Cell } from "../lib/base/cell.ts";
import { type Backoff, persist } from "../lib/base/retry.ts";
import { first, together } from "../lib/base/signal.ts";
import type { WatchPlan } from "../lib/config/plan.ts";
import type { KeySource } from "../lib/keyspace/contract.ts";
import { follow } from "../lib/keyspace/follow.ts";
import type { Snapshot } from "../lib/model/snapshot.ts";
import { sweep } from "../lib/render/install.ts";
import { FaultLog } from "./fault-log.ts";
import { followEdits } from "./follow-edits.ts";
import { report, type ServeDeps, serve, turning } from "./serve.ts";
import { sparingTurn } from "./sparing-turn.ts";
import { heard } from "./status.ts";
import { prefixesOf } from "./template-file.ts";
import type { Serving } from "./turn.ts";
import { Views } from "./views.ts";

export interface WatcherDeps extends ServeDeps {
  readonly source: KeySource;
}

/** How soon a store that is out of reach is asked again. */
const reconnect: Backoff = { firstMs: 100, maxMs: 2000 };

/** keyspace → snapshot → view → text → file → proxy, for as long as the signal lives. */
export async function watcher(
  plan: WatchPlan,
  groups: readonly Serving[],
  deps: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = new Cell<Snapshot | undefined>(undefined);
  const views = new Views(plan.services, deps.log);
  deps.status.quarantined = () => [
    ...views.quarantined,
    ...groups.flatMap(({ quarantine }) => quarantine.held),
  ];
  const files = groups.flatMap((group) => group.files);
  for (const { plan } of files) await sweep(plan.target);
  await together(
    signal,
    (s) => keepUp(plan, snapshot, deps, s),
    ...groups.map((group) => (s: AbortSignal) => serve(group, plan, snapshot, views, deps, s)),
    ...files.map((file) => (s: AbortSignal) => followEdits(file, snapshot, deps.log, s)),
  );
}

/** One pass: the keyspace as it is now, rendered, checked, installed and applied. Throws the first fault. */
export async function watchOnce(
  plan: WatchPlan,
  groups: readonly Serving[],
  deps: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const snapshot = await snapshotNow(deps.source, prefixesOf(plan.templates), signal);
  const views = new Views(plan.services, deps.log);
  for (const group of groups) {
    const startMs = deps.clock.now();
    const once = () => sparingTurn(group, views.of(snapshot), turning(snapshot, deps), signal);
    let done = await once();
    for (; done.kind === "deferred"; done = await once()) {
      await deps.clock.sleep(done.waitMs, signal);
    }
    report(group, done, snapshot, deps.clock.now() - startMs, deps.log);
  }
}

/** The state of a store at this moment. Throws a fault when it cannot be had. */
export async function snapshotNow(
  source: KeySource,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<Snapshot> {
  const cell = new Cell<Snapshot | undefined>(undefined);
  await first(
    signal,
    (s) => cell.newer(0, s),
    (s) => follow(source, prefixes, cell, () => {}, s),
  );
  if (!cell.value) throw new Error("the watch ended before it began");
  return cell.value;
}

/** Keeps `snapshot` equal to the keyspace; while that is out of reach it stays what it was. */
async function keepUp(
  plan: WatchPlan,
  snapshot: Cell<Snapshot | undefined>,
  { source, clock, random, log, status }: WatcherDeps,
  signal: AbortSignal,
): Promise<void> {
  const following = status.follower("following the keyspace");
  const faults = heard(new FaultLog("the keyspace", log, clock).voice(), following);
  const meanwhile = () =>
    snapshot.value ? "what was known last stays in force" : "nothing is rendered yet";
  await persist(
    (progress, s) => {
      const connected = () => {
        progress();
        faults.over();
      };
      return follow(source, prefixesOf(plan.templates), snapshot, connected, s);
    },
    reconnect,
    { clock, random, onFault: (fault, waitMs) => faults.fault(fault, waitMs, meanwhile()) },
    signal,
  );
}
