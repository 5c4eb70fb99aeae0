import type { ServerRules } from "../../../render/synapse/choose-servers.ts";
import type { SynapseServer } from "../../../render/synapse/settings.ts";
import type { Filters } from "./discovery-schema.ts";
import type { ServiceConfig } from "./schema.ts";
import type { SynapseService } from "./settings.ts";
import { labelFiltersOf, multiSourceOf, sourceOf } from "./sources.ts";

/** A service, with the rules for its servers. */
export function serviceOf(name: string, config: ServiceConfig): SynapseService {
  const { discovery, discovery_multi: multi } = config;
  const rules = rulesOf(config, multi ?? discovery ?? {});
  if (multi) return { name, source: multiSourceOf(multi, discovery), rules };
  return { name, source: discovery ? sourceOf(discovery) : { kind: "none" }, rules };
}

function rulesOf(config: ServiceConfig, filters: Filters): ServerRules {
  const port = config.backend_port_override ?? config.haproxy?.server_port_override;
  return {
    defaultServers: (config.default_servers ?? []).map(defaultServer),
    keepsDefaults: config.keep_default_servers ?? false,
    keepsPrevious: config.use_previous_backends ?? true,
    ...(port !== undefined && { portOverride: port }),
    labelFilters: labelFiltersOf(filters),
    electsLeader: config.leader_election ?? false,
  };
}

type DefaultServer = NonNullable<ServiceConfig["default_servers"]>[number];

function defaultServer(config: DefaultServer): SynapseServer {
  const { host, port, name, id, weight, labels } = config;
  const { haproxy_server_options: options, haproxy_server_id: haproxyId } = config;
  return {
    host,
    port,
    ...(name !== undefined && { name }),
    ...(id !== undefined && { number: id }),
    ...(weight !== undefined && { weight }),
    ...(options !== undefined && { options }),
    ...(haproxyId !== undefined && { haproxyId }),
    ...(labels && { labels }),
  };
}
