import type { StatusReport } from "../status/contract.ts";
import type { InstanceDestinationStatus } from "../status/destination-status.ts";
import type { OverviewDestination } from "./contract.ts";

/** The destinations of a process, with how many of its instances are in which state there. */
export function overviewDestinations({ presence }: StatusReport): readonly OverviewDestination[] {
  const { destinations = [], instances = [] } = presence ?? {};
  const places = instances.flatMap((one) => one.destinations ?? []);
  const byName = Map.groupBy(places, ({ name }) => name);
  return destinations.map(({ name, state, since, settings, fault }) => ({
    ...{ name, state, since, settings },
    why: fault?.message ?? "",
    counts: countsOf(byName.get(name) ?? []),
  }));
}

function countsOf(places: readonly InstanceDestinationStatus[]): OverviewDestination["counts"] {
  const counts: Partial<Record<InstanceDestinationStatus["state"], number>> = {};
  for (const { state } of places) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
