import type { Generation } from "../journal/contract.ts";
import type { StatusReport, TemplateStatus } from "../status/contract.ts";
import { describeTurn } from "../status/describe.ts";
import type { FleetWatcher, Overview, OverviewFile, OverviewService } from "./contract.ts";
import { overviewDestinations } from "./destinations.ts";
import { overviewServices, type ServiceFacts } from "./instances.ts";
import { commandsFor, overviewVerdict, reasonsOf } from "./verdict.ts";

/** An overview lists the generations of so long, in milliseconds. */
export const recentMs = 15 * 60_000;

/** So many generations, and so many instances of all services together, are listed at the most. */
const mostChanges = 50;
const mostInstances = 5000;

export interface OverviewFacts extends ServiceFacts {
  readonly report: StatusReport;
  readonly hostName: string;
  /** The latest last. */
  readonly generations: readonly Generation[];
  readonly watchers: readonly FleetWatcher[];
}

/** The overview of a process, from what each of its stages knows. */
export function makeOverview({
  report,
  pools,
  groups,
  hostName,
  generations,
  watchers,
}: OverviewFacts): Overview {
  const { version, pid, at, keyspace, watch } = report;
  const services = overviewServices({ report, pools, ...(groups && { groups }) });
  const earliest = Date.parse(at) - recentMs;
  const recent = generations.filter((one) => Date.parse(one.at) >= earliest).reverse();
  const changes = recent.slice(0, mostChanges);
  const listed = limited(services, mostInstances);
  const instances = numberOf(services) - numberOf(listed);
  const omitted = { instances, changes: recent.length - changes.length };
  return {
    ...{ version, hostName, pid, keyspace: keyspace.url, at },
    verdict: overviewVerdict(report, services),
    reasons: reasonsOf(report),
    services: listed,
    ...(report.presence?.destinations && { destinations: overviewDestinations(report) }),
    files: (watch?.templates ?? []).map((one) => file(one, generations)),
    ...{ changes, watchers },
    commands: commandsFor(report, services, watchers, changes[0]?.n),
    ...((omitted.instances > 0 || omitted.changes > 0) && { omitted }),
  };
}

function file(
  { target, state, since, why, revision, fault, unusable, turn }: TemplateStatus,
  generations: readonly Generation[],
): OverviewFile {
  const last = generations.findLast(
    ({ files, how }) => how !== "same" && files.some((one) => one.target === target),
  );
  return {
    ...{ target, state, since },
    why: [turn && describeTurn(turn), why, fault?.message, unusable?.message]
      .filter(Boolean)
      .join("; "),
    ...(revision !== undefined && { revision }),
    ...(last && { generation: last.n }),
  };
}

/** At most so many instances: in each service first the ones that need attention, which go before serving ones of any service. */
function limited(services: readonly OverviewService[], most: number): readonly OverviewService[] {
  if (numberOf(services) <= most) return services;
  let free = most;
  const take = (wanted: number) => {
    const taken = Math.min(free, wanted);
    free -= taken;
    return taken;
  };
  const attention = services.map(({ instances, counts }) =>
    take(instances.length - (counts.serving ?? 0)),
  );
  return services.map((service, i) => {
    const kept = (attention[i] ?? 0) + take(service.counts.serving ?? 0);
    return { ...service, instances: service.instances.slice(0, kept) };
  });
}

function numberOf(services: readonly OverviewService[]): number {
  return services.reduce((sum, { instances }) => sum + instances.length, 0);
}
