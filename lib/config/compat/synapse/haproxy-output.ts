import type { HaproxyService, HaproxySettings } from "../../../render/synapse/settings.ts";
import type { HaproxyConfig, HaproxyServiceConfig } from "./haproxy-schema.ts";
import { orderSeedOf } from "./order-seed.ts";
import type { HaproxyOutput } from "./settings.ts";

const second = 1000;

/** By the name of the service; a service without the section has the defaults. */
export type HaproxyServices = ReadonlyMap<string, HaproxyServiceConfig>;

/** The files, commands and sockets of haproxy. Without a seed, the order of servers is that of the machine with this name. */
export function haproxyOutput(
  config: HaproxyConfig,
  services: HaproxyServices,
  hostName: string,
): HaproxyOutput {
  const {
    do_writes: writes = true,
    do_reloads: reloads = true,
    do_socket: usesSocket = true,
  } = config;
  const { config_file_path: target, reload_command: reload, state_file_path: stateFile } = config;
  const { server_order_seed: seed } = config;
  const check = config.do_checks ? config.check_command : undefined;
  return {
    settings: settingsOf(
      config,
      services,
      seed === undefined ? orderSeedOf(hostName) : BigInt(seed),
    ),
    ...(writes && target !== undefined && { target }),
    ...(check !== undefined && { check: { shell: check, candidate: candidateOf(config) } }),
    ...(reloads && reload !== undefined && { reload: { shell: reload } }),
    sockets: usesSocket ? [config.socket_file_path ?? []].flat() : [],
    minReloadIntervalMs: (config.restart_interval ?? 2) * second,
    reloadJitter: config.restart_jitter ?? 0,
    ...(stateFile !== undefined && { stateFile }),
  };
}

/** The file that a check command reads. */
function candidateOf(config: HaproxyConfig): string {
  return config.candidate_config_file_path ?? `${config.config_file_path}.tmp`;
}

function settingsOf(
  config: HaproxyConfig,
  services: HaproxyServices,
  orderSeed: bigint,
): HaproxySettings {
  const { extra_sections: extra = {}, shared_frontend: sharedFrontend } = config;
  const enabled = [...services].filter(([, { disabled }]) => !disabled);
  // Synapse documents the weights for a service, and reads the setting of all services.
  const writesWeights =
    config.use_nerve_weights ?? enabled.some(([, service]) => service.use_nerve_weights);
  return {
    global: config.global,
    defaults: config.defaults,
    extraSections: Object.entries(extra).map(([title, lines]) => ({ title, lines })),
    ...(sharedFrontend && { sharedFrontend }),
    bindAddress: config.bind_address ?? "localhost",
    orderSeed,
    maxServerId: config.max_server_id ?? 65_535,
    writesWeights,
    ...(config.state_file_path !== undefined && {
      keepsGoneMs: (config.state_file_ttl ?? 86_400) * second,
    }),
    services: enabled.map(([name, service]) => haproxyService(name, service)),
  };
}

function haproxyService(name: string, config: HaproxyServiceConfig): HaproxyService {
  const { port, bind_address: address, bind_options: options, shared_frontend: shared } = config;
  const { server_options: serverOptions = "" } = config;
  return {
    name,
    poolName: config.backend_name ?? name,
    ...(port !== undefined && { port }),
    ...(address !== undefined && { bindAddress: address }),
    ...(options !== undefined && { bindOptions: options }),
    lines: linesOf(config),
    ...(shared && { sharedFrontend: shared }),
    ...(serverOptions !== null && { serverOptions }),
    order: config.backend_order ?? "shuffle",
    cookie: config.cookie_value_method ?? "name",
  };
}

/** The lines of a service before they are divided between its sections. */
export function linesOf(config: HaproxyServiceConfig): HaproxyService["lines"] {
  const { frontend = [], backend: pool = [], listen = [] } = config;
  return { frontend, pool, listen };
}
