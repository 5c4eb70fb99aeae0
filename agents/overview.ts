import type { Clock } from "../lib/base/clock.ts";
import type { Generation } from "../lib/journal/contract.ts";
import type { Mounts } from "../lib/keyspace/mounts/mounts.ts";
import type { Overview } from "../lib/overview/contract.ts";
import { makeOverview } from "../lib/overview/overview.ts";
import type { StatusReport } from "../lib/status/contract.ts";
import { fleetWatchers } from "./fleet.ts";
import type { Watch } from "./watch/contract.ts";
import { servingGroups } from "./watch/explain/serving-groups.ts";

export interface OverviewSources {
  readonly report: () => StatusReport;
  readonly watch: Pick<Watch, "services" | "journal" | "parts" | "id"> | undefined;
  readonly hostName: string;
}

export interface OverviewDeps {
  readonly mounts: Mounts;
  readonly clock: Clock;
}

/** How many generations of an earlier process are read. */
const mostEarlier = 100;

/** Makes overviews of this process. The journal's files are read for the first one, and what came later is in memory. */
export function createOverview(
  { report, watch, hostName }: OverviewSources,
  { mounts, clock }: OverviewDeps,
) {
  const prefixes = watch?.parts.groups.flatMap((group) => group.prefixes) ?? [];
  const read = watch ? [...mounts.partsOf(prefixes).keys()] : [mounts.root];
  const watchers = fleetWatchers(read, watch?.id, clock);
  let earlier: readonly Generation[] | undefined;
  const generations = async (): Promise<readonly Generation[]> => {
    if (!watch) return [];
    earlier ??= (await watch.journal.history({ limit: mostEarlier })).generations;
    const { facts } = watch.journal.facts.since(0);
    const own = facts.flatMap((fact) => (fact.isRepeated ? [] : [fact.generation]));
    const first = own[0]?.n ?? Number.POSITIVE_INFINITY;
    return [...earlier.filter(({ n }) => n < first), ...own];
  };
  return async (signal: AbortSignal): Promise<Overview> => {
    const [changes, fleet] = await Promise.all([generations(), watchers(signal)]);
    const pools = watch?.services();
    const groups = watch && pools ? servingGroups(watch.parts.groups, pools) : [];
    return makeOverview({
      report: report(),
      ...{ pools, groups },
      hostName,
      generations: changes,
      watchers: fleet,
    });
  };
}
