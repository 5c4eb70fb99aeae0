import type { NginxService } from "../../../render/synapse/nginx-settings.ts";
import type { NginxConfig, NginxServiceConfig } from "./nginx-schema.ts";
import { orderSeedOf } from "./order-seed.ts";
import type { NginxOutput } from "./settings.ts";

const second = 1000;

/** The file and the commands of nginx. A random order is that of the machine with this name. */
export function nginxOutput(
  config: NginxConfig,
  services: ReadonlyMap<string, NginxServiceConfig>,
  hostName: string,
): NginxOutput {
  const { do_writes: writes = true, do_reloads: reloads = true, contexts } = config;
  const { config_file_path: target, check_command: check, reload_command: reload } = config;
  const { main, ...others } = contexts;
  const enabled = [...services].filter(([, { disabled }]) => !disabled);
  return {
    settings: {
      main,
      contexts: Object.entries(others).map(([name, directives]) => ({ name, directives })),
      listenAddress: config.listen_address ?? "localhost",
      orderSeed: orderSeedOf(hostName),
      services: enabled.map(([name, service]) => nginxService(name, service)),
    },
    ...(writes && target !== undefined && { target }),
    ...(writes && check !== undefined && { check: { shell: check } }),
    ...(reloads && reload !== undefined && { reload: { shell: reload } }),
    minReloadIntervalMs: (config.restart_interval ?? 2) * second,
    reloadJitter: config.restart_jitter ?? 0,
  };
}

function nginxService(name: string, config: NginxServiceConfig): NginxService {
  const { port, listen_address: address, listen_options: options } = config;
  const { server_options: serverOptions } = config;
  return {
    name,
    mode: config.mode ?? "http",
    ...(port !== undefined && { port }),
    ...(address !== undefined && { listenAddress: address }),
    ...(options !== undefined && { listenOptions: options }),
    server: config.server ?? [],
    upstream: config.upstream ?? [],
    upstreamName: config.upstream_name ?? name,
    ...(serverOptions !== undefined && { serverOptions }),
    order: config.upstream_order ?? "asc",
  };
}
