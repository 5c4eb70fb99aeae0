import type { Clock } from "../../lib/base/clock.ts";
import type { Family } from "../../lib/metrics/contract.ts";
import { type ByState, ServiceGauge } from "../../lib/metrics/service-gauge.ts";
import type { StatusReport } from "../../lib/status/contract.ts";
import { processFamilies } from "./process-families.ts";
import type { Recordings } from "./recordings.ts";
import { InstanceCounter, instanceStates, serviceStates } from "./services.ts";
import { stateFamilies } from "./state-families.ts";

/** The most services with series of their own, and for how long one that is gone is shown. */
const limits = { services: 200, keepMs: 300_000 };

/** What the metrics are collected from. */
export interface MetricsSources {
  readonly report: () => StatusReport;
  /** The entries of the services that a watcher reads, by state; undefined where no watcher runs. */
  readonly entries: () => ReadonlyMap<string, ByState> | undefined;
  readonly recordings: Recordings;
}

/** Returns a function that collects the metrics of the agents of this process. */
export function createMetrics(
  { report, entries, recordings }: MetricsSources,
  { clock }: { readonly clock: Pick<Clock, "now"> },
): () => readonly Family[] {
  const instances = new ServiceGauge(
    "sidekick_instances",
    "Instances of this agent by service and state",
    instanceStates,
    limits,
  );
  const services = new ServiceGauge(
    "sidekick_service_instances",
    "Instances in the keyspace by service and by what this watcher does with them",
    serviceStates,
    limits,
  );
  const counter = new InstanceCounter();
  return () => {
    const nowMs = clock.now();
    const current = report();
    const { presence } = current;
    const byState = entries();
    const byService = [
      ...(presence ? [instances.at(counter.count(presence.instances), nowMs)] : []),
      ...(byState ? [services.at(byState, nowMs)] : []),
    ];
    return [
      ...stateFamilies(current, process.version),
      ...byService.map(({ family }) => family),
      {
        name: "sidekick_metrics_services_dropped",
        help: "Services without series of their own, which are counted as the service other",
        type: "gauge",
        samples: [{ value: Math.max(0, ...byService.map(({ dropped }) => dropped)) }],
      },
      ...recordings.families,
      ...processFamilies(),
    ];
  };
}
