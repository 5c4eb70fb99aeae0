import type { GuardRule } from "../../../view/contract.ts";
import { unlimited } from "../../../view/limits.ts";
import type { Plan, WatchPlan } from "../../plan.ts";
import { Clusters } from "./clusters.ts";
import { plannedService } from "./discovered.ts";
import { outputs } from "./outputs.ts";
import type { SynapseService, SynapseSettings } from "./settings.ts";
import { singleSources } from "./sources.ts";

/** Synapse removes whatever disappears. */
const noGuard: GuardRule = { maxLoss: 1, min: 0, retainMs: 0, keepEmpty: false };

/** The plan of a watcher that does what Synapse does with the configuration in `file`. `random` is in [0, 1). */
export function planOf(settings: SynapseSettings, file: string, random: () => number): Plan {
  const { services } = settings;
  const singles = services.flatMap(({ source }) => singleSources(source));
  const clusters = new Clusters(singles.map(({ source }) => source));
  const planned = services.map(
    (service) => [service.name, plannedService(service, clusters)] as const,
  );
  const sources = Object.fromEntries(planned.map(([name, { source }]) => [name, source]));
  const paths = planned.flatMap(([, { source }]) => source.folders.map(({ path }) => path));
  const discovered = planned.map(([, one]) => one.discovered);
  const watch: WatchPlan = {
    ...{ services: false, sources },
    settle: { quietMs: 50, atMostMs: 1000 },
    retry: { firstMs: 500, maxMs: 30_000 },
    limits: unlimited,
    guard: { all: noGuard, services: guardOf(services) },
    // Synapse writes nothing to the keyspace.
    ...{ resolve: true, acknowledge: false, drift: "report", observeMs: 10_000 },
    templates: outputs(settings, { file, discovered, folders: [...new Set(paths)], random }),
  };
  return { log: "info", ...clusters.keyspaces, watch };
}

/** The services that keep their previous servers while none are discovered. */
function guardOf(services: readonly SynapseService[]): Readonly<Record<string, GuardRule>> {
  const keeping = services.filter(
    ({ rules }) => rules.keepsPrevious && rules.defaultServers.length === 0,
  );
  return Object.fromEntries(keeping.map(({ name }) => [name, { ...noGuard, keepEmpty: true }]));
}
