import { readFile } from "node:fs/promises";
import { needsAddresses } from "../agents/watch/groups.ts";
import { resolveOnce } from "../agents/watch/resolve-once.ts";
import type { Log } from "../lib/base/log.ts";
import { readFixture } from "../lib/config/fixture.ts";
import type { Plan, TemplatePlan, WatchPlan } from "../lib/config/plan.ts";
import { atRevision } from "../lib/keyspace/mounts/at-revision.ts";
import { openMounts } from "../lib/keyspace/mounts/open.ts";
import { readCovered } from "../lib/keyspace/mounts/read-mounted.ts";
import { FolderSet, outermost, ownFolders } from "../lib/model/entry.ts";
import { Snapshot } from "../lib/model/snapshot.ts";
import { createProxy } from "../lib/proxy/kinds.ts";
import type { View } from "../lib/render/text-source.ts";
import type { Pools } from "../lib/view/contract.ts";
import { shapeOnce } from "../lib/view/policies/shape-once.ts";
import { Views } from "../lib/view/views.ts";
import { visibleServices } from "../lib/view/visible.ts";
import { faults } from "./faults.ts";
import type { World } from "./world.ts";

/** Where entries are read: from the keyspace at this moment unless set. */
export interface ReadFrom {
  /** A file with keys and values. */
  readonly fixture?: string | undefined;
  /** An earlier revision of the keyspace. */
  readonly at?: string | undefined;
}

type Templates = readonly Pick<TemplatePlan, "prefixes">[];

/** The entries that templates can read. Throws CLI_FIXTURE_UNREADABLE, and the faults of `atRevision`. */
export async function snapshotFor(
  plan: Plan,
  templates: Templates,
  { fixture, at }: ReadFrom,
  world: World,
  signal: AbortSignal,
): Promise<Snapshot> {
  const hidden = ownFolders(Object.keys(plan.mounts ?? {}));
  const prefixes = outermost(
    templates.flatMap((template) => template.prefixes),
    hidden,
  );
  if (fixture !== undefined) return await fixtureSnapshot(fixture, new FolderSet(prefixes, hidden));
  await using mounts = await openMounts(plan, { ...world, mustExist: true });
  const read = at === undefined ? mounts : atRevision(mounts, at);
  return await readCovered(read, prefixes, signal);
}

/** What each of the templates sees of a snapshot. Host names are resolved as by a watcher. Logs the entries that are left out. */
export async function viewsOf(
  watch: WatchPlan,
  templates: readonly TemplatePlan[],
  snapshot: Snapshot,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<(template: TemplatePlan) => View> {
  const pools = new Views(watch, world.clock, log).of(snapshot);
  const isResolved = (template: TemplatePlan) => needsAddresses(watch, template);
  const resolved = templates.some(isResolved)
    ? await resolveOnce(pools, { ...world, log }, signal)
    : pools;
  const weighs = ({ proxy }: TemplatePlan) =>
    proxy !== undefined && createProxy(proxy, { clock: world.clock }).weighs === true;
  return (template) => {
    const named = isResolved(template) ? resolved : pools;
    return viewOf(
      watch.policies ? shapeOnce(named, watch.policies, weighs(template)) : named,
      template,
    );
  };
}

function viewOf(pools: Pools, { prefixes }: TemplatePlan): View {
  return { snapshot: pools.snapshot, services: visibleServices(pools, prefixes) };
}

/** The snapshot of a keyspace that has the entries of a fixture, as far as they are below the prefixes. */
async function fixtureSnapshot(path: string, covered: FolderSet): Promise<Snapshot> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw faults.CLI_FIXTURE_UNREADABLE({ path }, cause);
  });
  const visible = [...readFixture(text, path)].filter(([key]) => covered.includes(key));
  const entries = new Map(visible.map(([key, value]) => [key, { key, value, revision: path }]));
  return Snapshot.empty.after({ kind: "reset", revision: path, entries });
}
