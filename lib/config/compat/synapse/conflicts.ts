import type { Problem } from "../../located/problem.ts";
import {
  formatPath,
  keyPositionAt,
  nodeAt,
  type ObjectNode,
  type Path,
  positionAt,
} from "../../located/tree.ts";
import type { Resolver } from "./discovery-schema.ts";
import type { ServiceConfig, SynapseConfig } from "./schema.ts";

/** The problems of settings that are valid each alone. */
export function conflicts(config: SynapseConfig, root: ObjectNode): readonly Problem[] {
  const at = (path: Path, message: string): Problem => ({
    position: positionAt(root, path),
    message,
  });
  return [
    ...missingOutput(config, at),
    ...missingOfHaproxy(config, at),
    ...missingOfNginx(config, at),
    ...Object.entries(config.services ?? {}).flatMap(([name, service]) =>
      serviceConflicts(["services", name], service, at),
    ),
    ...sharedPools(config, root),
  ];
}

type At = (path: Path, message: string) => Problem;

function missingOutput({ haproxy, nginx, file_output }: SynapseConfig, at: At): readonly Problem[] {
  if (haproxy ?? nginx ?? file_output) return [];
  return [at([], "nothing is written: expected haproxy, nginx or file_output")];
}

/** The settings that are required as long as another one is not false, or if another one is true. */
function missingOfHaproxy({ haproxy }: SynapseConfig, at: At): readonly Problem[] {
  if (!haproxy) return [];
  const required = [
    ["config_file_path", "do_writes", haproxy.do_writes ?? true],
    ["reload_command", "do_reloads", haproxy.do_reloads ?? true],
    ["socket_file_path", "do_socket", haproxy.do_socket ?? true],
    ["check_command", "do_checks", haproxy.do_checks ?? false],
  ] as const;
  return required.flatMap(([key, condition, isRequired]) =>
    isRequired && haproxy[key] === undefined ? [missing("haproxy", key, condition, at)] : [],
  );
}

function missingOfNginx({ nginx }: SynapseConfig, at: At): readonly Problem[] {
  if (!nginx) return [];
  const required = [
    ["config_file_path", "do_writes"],
    ["check_command", "do_writes"],
    ["reload_command", "do_reloads"],
  ] as const;
  return required.flatMap(([key, condition]) =>
    (nginx[condition] ?? true) && nginx[key] === undefined
      ? [missing("nginx", key, condition, at)]
      : [],
  );
}

function missing(section: string, key: string, condition: string, at: At): Problem {
  return at([section], `${section}.${key} is missing: expected it unless ${condition} is false`);
}

function serviceConflicts(path: Path, service: ServiceConfig, at: At): readonly Problem[] {
  const { discovery, discovery_multi: multi } = service;
  const name = formatPath(path);
  if (multi) {
    const primary = discovery && { primary: discovery };
    if (discovery?.method === "multi") {
      const message = `${name} has two lists of watchers: expected one of discovery and discovery_multi`;
      return [at([...path, "discovery"], message)];
    }
    const watchers = Object.keys({ ...multi.watchers, ...primary });
    return orderConflicts([...path, "discovery_multi"], multi.resolver, watchers, at);
  }
  if (!discovery) {
    return [at(path, `${name}.discovery is missing: expected an object with method`)];
  }
  const place = [...path, "discovery"];
  if (discovery.method === "multi") {
    return orderConflicts(place, discovery.resolver, Object.keys(discovery.watchers), at);
  }
  if (discovery.method === "etcd" && !(discovery.host ?? discovery.hosts)) {
    return [at(place, `${name}.discovery.host is missing: expected host or hosts`)];
  }
  return [];
}

/** `sequential_order` names each watcher, and no other. */
function orderConflicts(
  path: Path,
  resolver: Resolver,
  names: readonly string[],
  at: At,
): readonly Problem[] {
  if (resolver.method !== "sequential") return [];
  const { sequential_order: order } = resolver;
  const isComplete = order.length === names.length && names.every((name) => order.includes(name));
  if (isComplete) return [];
  const place = [...path, "resolver", "sequential_order"];
  return [at(place, `${formatPath(place)}: expected each of ${names.join(", ")} once`)];
}

/** Two services with one name of their pools: haproxy would refuse the file. */
function sharedPools(
  { haproxy, services = {} }: SynapseConfig,
  root: ObjectNode,
): readonly Problem[] {
  if (!haproxy) return [];
  const owners = new Map<string, string>();
  return Object.entries(services).flatMap(([name, service]) => {
    if (service.haproxy?.disabled) return [];
    const pool = service.haproxy?.backend_name ?? name;
    const owner = owners.get(pool);
    owners.set(pool, owner ?? name);
    if (owner === undefined) return [];
    const own = ["services", name, "haproxy", "backend_name"];
    const position = nodeAt(root, own)?.position ?? keyPositionAt(root, ["services", name]);
    return [{ position, message: `services ${owner} and ${name} have the same pool, ${pool}` }];
  });
}
