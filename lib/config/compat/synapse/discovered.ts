import { formatAddress } from "../../../model/endpoint.ts";
import { folderOf } from "../../../model/entry.ts";
import type { Endpoint } from "../../../model/pool.ts";
import { validate } from "../../../model/validate.ts";
import type { DiscoveredService } from "../../../render/synapse/discovered.ts";
import type { Source as ViewSource } from "../../../view/sources.ts";
import { type Clusters, isRemote } from "./clusters.ts";
import type { DnsName, SingleSource, SynapseService } from "./settings.ts";
import { singleSources } from "./sources.ts";

/** A service, as a watcher reads its instances and as a generator chooses servers among them. */
export interface PlannedService {
  readonly source: ViewSource;
  readonly discovered: DiscoveredService;
}

export function plannedService(service: SynapseService, clusters: Clusters): PlannedService {
  const { name, source, rules } = service;
  const singles = singleSources(source);
  const folders = singles.flatMap((single) =>
    isRemote(single.source) ? [{ ...single, folder: folderIn(single.source, clusters) }] : [],
  );
  const names = singles.flatMap((single) =>
    single.source.kind === "dns" ? single.source.names : [],
  );
  const filters = folders.map(({ folder, labelFilters }) => [folder.path, labelFilters]);
  return {
    source: {
      folders: folders.map(({ folder }) => folder),
      mode: source.kind === "first" ? "first" : "union",
      instances:
        names.length > 0 ? endpointsOf(service, names) : endpointsOf(service, rules.defaultServers),
    },
    discovered: {
      ...{ name, rules },
      hasOwnInstances: names.length > 0,
      resolves: singles.some((single) => isResolved(single.source)),
      filters: Object.fromEntries(filters),
    },
  };
}

function folderIn(source: Parameters<Clusters["folderOf"]>[0], clusters: Clusters) {
  const endpoint =
    source.kind === "zookeeper" && source.decode.kind === "serverset"
      ? source.decode.endpoint
      : undefined;
  const path = `${clusters.folderOf(source)}${folderOf(source.path)}`;
  return { path, ...(endpoint !== undefined && { endpoint }) };
}

function isResolved(source: SingleSource): boolean {
  return source.kind === "dns" || (source.kind === "zookeeper" && source.resolve !== undefined);
}

/** The instances without entries. One that no instance can be is left to the generator, which names it. */
function endpointsOf(
  { name: service, rules }: SynapseService,
  servers: readonly DnsName[],
): readonly Endpoint[] {
  return servers.flatMap(({ host, port = rules.portOverride, name, labels }) => {
    if (port === undefined) return [];
    const id = formatAddress({ host, port });
    const key = `services.${service}/${id}`;
    const endpoint = validate({ service, id, key }, { host, port, name, labels, weight: 1 });
    if ("why" in endpoint) return [];
    const { extras: _, ...configured } = endpoint;
    return [configured];
  });
}
