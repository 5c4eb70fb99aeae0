import type { LabelFilter } from "../../../render/synapse/choose-servers.ts";
import type {
  Discovery,
  DiscoveryMulti,
  Filters,
  Resolver,
  SingleDiscovery,
} from "./discovery-schema.ts";
import type {
  Decode,
  NamedSource,
  Resolving,
  SeveralSources,
  SingleSource,
  Source,
} from "./settings.ts";

/** Where the servers of a service are found. */
export function sourceOf(discovery: Discovery): Source {
  if (discovery.method !== "multi") return singleSource(discovery);
  return severalSources(discovery.watchers, discovery.resolver);
}

/** The same of `discovery_multi`, of which `discovery` is one more watcher. */
export function multiSourceOf(
  { watchers = {}, resolver }: DiscoveryMulti,
  primary: Discovery | undefined,
): SeveralSources {
  const isOne = primary && primary.method !== "multi";
  return severalSources(isOne ? { ...watchers, primary } : watchers, resolver);
}

export function labelFiltersOf({
  label_filter,
  label_filters = [],
}: Filters): readonly LabelFilter[] {
  const all = label_filter ? [label_filter, ...label_filters] : label_filters;
  return all.map(({ label, value, condition }) => ({
    label,
    value,
    isEqual: condition === "equals",
  }));
}

/** The sources of a service, one for each watcher. */
export function singleSources(source: Source): readonly Omit<NamedSource, "name">[] {
  return "sources" in source ? source.sources : [{ source, labelFilters: [] }];
}

function severalSources(
  watchers: Readonly<Record<string, SingleDiscovery>>,
  resolver: Resolver,
): SeveralSources {
  const isSequential = resolver.method === "sequential";
  const order = isSequential ? resolver.sequential_order : Object.keys(watchers);
  const sources = order.flatMap((name): NamedSource[] => {
    const watcher = watchers[name];
    if (!watcher) return [];
    const labelFilters = labelFiltersOf(watcher);
    return [{ name, source: singleSource(watcher), labelFilters }];
  });
  return { kind: isSequential ? "first" : "union", sources };
}

type Of<Method extends string> = Extract<SingleDiscovery, { method: Method }>;

type OfZookeeper = Of<"zookeeper" | "zookeeper_poll" | "zookeeper_dns" | "zookeeper_dns_poll">;

function singleSource(discovery: SingleDiscovery): SingleSource {
  switch (discovery.method) {
    case "zookeeper":
    case "zookeeper_poll":
    case "zookeeper_dns":
    case "zookeeper_dns_poll":
      return zookeeperSource(discovery);
    case "etcd": {
      const { host, port, hosts, path } = discovery;
      const named = host === undefined ? [] : [port === undefined ? host : `${host}:${port}`];
      return { kind: "etcd", hosts: hosts ?? named, path };
    }
    case "dns":
      return dnsSource(discovery);
    case "docker":
      return dockerSource(discovery);
    case "file":
      return { kind: "file", path: discovery.path };
    case "base":
    case "stub":
      return { kind: "none" };
  }
}

function zookeeperSource(discovery: OfZookeeper): SingleSource {
  const { hosts, path, decode } = discovery;
  const isDns = discovery.method === "zookeeper_dns" || discovery.method === "zookeeper_dns_poll";
  return {
    kind: "zookeeper",
    // Synapse takes one string with commas, too.
    hosts: hosts.flatMap((host) => host.split(",")),
    path: path.replace(/(?<=.)\/+$/, ""),
    decode: decodeOf(decode),
    ...(isDns && { resolve: resolvingOf(discovery) }),
  };
}

function decodeOf(decode: OfZookeeper["decode"]): Decode {
  if (decode?.method !== "serverset") return { kind: "nerve" };
  const { endpoint_name: endpoint } = decode;
  return { kind: "serverset", ...(endpoint !== undefined && { endpoint }) };
}

const dnsIntervalSec = 30;
const dockerIntervalSec = 15;
const dockerPort = 4243;

function resolvingOf({
  nameserver,
  check_interval = dnsIntervalSec,
}: Pick<Of<"dns">, "nameserver" | "check_interval">): Resolving {
  return { ...(nameserver !== undefined && { nameserver }), intervalMs: check_interval * 1000 };
}

function dnsSource(discovery: Of<"dns">): SingleSource {
  const names = discovery.servers.map(({ host, port, name, labels }) => ({
    host,
    ...(port !== undefined && { port }),
    ...(name !== undefined && { name }),
    ...(labels && { labels }),
  }));
  return { kind: "dns", names, ...resolvingOf(discovery) };
}

function dockerSource(discovery: Of<"docker">): SingleSource {
  const { servers, image_name: image, container_port: containerPort } = discovery;
  const engines = servers.map(({ host, port = dockerPort, name }) => ({
    host,
    port,
    ...(name !== undefined && { name }),
  }));
  const intervalMs = (discovery.check_interval ?? dockerIntervalSec) * 1000;
  return { kind: "docker", engines, image, containerPort, intervalMs };
}
