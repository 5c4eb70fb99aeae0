import { resolve } from "node:path";
import { isPort } from "../model/endpoint.ts";
import { faults } from "./faults.ts";

/** The parsed URL of a keyspace. */
export type Location =
  | { readonly kind: "file"; readonly folder: string }
  | { readonly kind: "memory" }
  | { readonly kind: "none" }
  | { readonly kind: "env" }
  | YamlLocation
  | SrvLocation
  | KubernetesLocation
  | ConsulLocation
  | ConsulCatalogLocation
  | EtcdLocation
  | ZookeeperLocation;

export interface YamlLocation {
  readonly kind: "yaml";
  /** Files, and folders of files. */
  readonly paths: readonly string[];
  /** The names of files to read in folders, with `*` and `?`; undefined for all. */
  readonly filter?: string | undefined;
}

export interface SrvLocation {
  readonly kind: "srv";
  /** The name of the records: `_http._tcp.web.example.com`. */
  readonly name: string;
  /** `host:port` of the name server, an IPv6 host in brackets; undefined for those of this machine. */
  readonly server?: string | undefined;
  /** The time between two lookups, in milliseconds; undefined for the default. */
  readonly intervalMs?: number | undefined;
}

export interface KubernetesLocation {
  readonly kind: "kubernetes";
  /** `host:port` of the API server; undefined for that of the cluster in which this process runs. */
  readonly server?: string | undefined;
  /** Undefined for the namespace of this process. */
  readonly namespace?: string | undefined;
}

export interface ConsulLocation {
  readonly kind: "consul";
  /** `host:port` each, an IPv6 host in brackets; at least one. */
  readonly endpoints: readonly string[];
  readonly tls: boolean;
  /** The folder of the store above all keys, `/app`; empty for all of it. */
  readonly folder: string;
}

export interface ConsulCatalogLocation {
  readonly kind: "consul-catalog";
  /** `host:port` each, an IPv6 host in brackets; at least one. */
  readonly endpoints: readonly string[];
  readonly tls: boolean;
}

export interface EtcdLocation {
  readonly kind: "etcd";
  /** `host:port` each, an IPv6 host in brackets; at least one. */
  readonly endpoints: readonly string[];
  readonly tls: boolean;
  /** Its keys are the ones that do not begin with a slash; each is shown with one. */
  readonly slashless?: true;
  readonly login?: Login | undefined;
}

export interface ZookeeperLocation {
  readonly kind: "zookeeper";
  /** `host:port` each, an IPv6 host in brackets; at least one. */
  readonly endpoints: readonly string[];
  readonly tls: boolean;
  /** The path of the node above all keys; empty for the root. */
  readonly chroot: string;
  readonly login?: Login | undefined;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** The URL of an agent that needs no keyspace: entries are kept in its memory, where no other program finds them. */
export const noKeyspaceUrl = "none:";

/** The port of each scheme if the URL has none. */
const defaultPorts = {
  ...{ etcd: 2379, etcds: 2379, zk: 2181, zks: 2281, srv: 53, kubernetes: 6443 },
  ...{ consul: 8500, consuls: 8501 },
};

/** The end of the URL of an etcd whose keys do not begin with a slash. */
export const slashless = "?slashless";

/** Parses the URL of a keyspace. Throws KEYSPACE_URL_INVALID with the expected form and without the password. */
export function parseKeyspaceUrl(url: string): Location {
  const [, scheme = "", rest = ""] = /^([a-z-]+):(.*)$/s.exec(url) ?? [];
  const location = Object.hasOwn(parsers, scheme) ? parsers[scheme]?.(url, rest) : undefined;
  if (location) return location;
  throw invalid(
    url,
    "write file:./folder, etcd://host:2379 or zk://host:2181; with TLS, etcds://host:2379 or zks://host:2281",
  );
}

/** By scheme, from the URL and what follows the scheme. */
const parsers: Readonly<Record<string, (url: string, rest: string) => Location | undefined>> = {
  file: (url) => parseFile(url),
  yaml: parseYaml,
  memory: (_, rest) => (rest === "" ? { kind: "memory" } : undefined),
  none: (_, rest) => (rest === "" ? { kind: "none" } : undefined),
  env: (_, rest) => (rest === "" ? { kind: "env" } : undefined),
  srv: parseSrv,
  kubernetes: parseKubernetes,
  consul: (url, rest) => parseConsul(url, "consul", rest),
  consuls: (url, rest) => parseConsul(url, "consuls", rest),
  "consul-catalog": (url, rest) => parseConsulCatalog(url, "consul", rest),
  "consuls-catalog": (url, rest) => parseConsulCatalog(url, "consuls", rest),
  etcd: (url, rest) => parseEtcd(url, "etcd", rest),
  etcds: (url, rest) => parseEtcd(url, "etcds", rest),
  zk: (url, rest) => parseZookeeper(url, "zk", rest),
  zks: (url, rest) => parseZookeeper(url, "zks", rest),
};

const fileUrl = /^file:(?:\/\/(?=\/))?((?!\/\/)[^\0]+)$/s;

/** The URL with its folder or its files, if it has any, resolved against `base`. */
export function resolveKeyspaceUrl(url: string, base: string): string {
  const paths = yamlUrl.exec(url)?.[1]?.split(",");
  if (paths) return `yaml:${paths.map((path) => resolve(base, path)).join(",")}`;
  const folder = fileUrl.exec(url)?.[1];
  return folder === undefined ? url : `file:${resolve(base, folder)}`;
}

const yamlUrl = /^yaml:((?!\/\/)[^\0,]+(?:,[^\0,]+)*)$/s;

/** Whether no entry can be written to the keyspace. */
export function isReadOnly(url: string): boolean {
  return url === "env:" || yamlUrl.test(url) || /^(srv|kubernetes|consuls?-catalog):/.test(url);
}

function parseYaml(url: string, rest: string): Location {
  if (yamlUrl.test(url)) return { kind: "yaml", paths: rest.split(",") };
  throw invalid(url, "write files or folders, as in yaml:./keys.yaml or yaml:./a.yaml,./b.json");
}

function parseSrv(url: string, rest: string): Location {
  const [, host, name = ""] = /^(?:\/\/([^/?#@]+)\/)?([\w.-]+)$/.exec(rest) ?? [];
  if (name === "" || name.length > 255) {
    throw invalid(
      url,
      "write the name of the SRV records, as in srv:_http._tcp.web.example.com, or srv://10.0.0.2:53/_http._tcp.web.example.com to ask one name server",
    );
  }
  const server = host === undefined ? undefined : parseEndpoint(url, host, defaultPorts.srv);
  return { kind: "srv", name, ...(server !== undefined && { server }) };
}

function parseKubernetes(url: string, rest: string): Location {
  const match = /^(?:\/\/([^/?#@]+)(?:\/|$))?([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/.exec(rest);
  if (!match) {
    throw invalid(
      url,
      "write the namespace, as in kubernetes:shop within a cluster, or kubernetes://host:6443/shop",
    );
  }
  const [, host, namespace] = match;
  const server = host === undefined ? undefined : parseEndpoint(url, host, defaultPorts.kubernetes);
  return {
    kind: "kubernetes",
    ...(server !== undefined && { server }),
    ...(namespace !== undefined && { namespace }),
  };
}

function parseConsul(url: string, scheme: "consul" | "consuls", rest: string): Location {
  const [, hosts = "", folder = ""] = /^\/\/([^/?#@]+)((?:\/[^/?#]+)*)\/?$/s.exec(rest) ?? [];
  if (hosts === "") {
    throw invalid(
      url,
      `write ${scheme}://host:${defaultPorts[scheme]}/folder, with commas between hosts; the folder may be left out`,
    );
  }
  const endpoints = parseEndpoints(url, hosts, defaultPorts[scheme]);
  return { kind: "consul", endpoints, tls: scheme === "consuls", folder };
}

function parseConsulCatalog(url: string, scheme: "consul" | "consuls", rest: string): Location {
  const [, hosts = ""] = /^\/\/([^/?#@]+)\/?$/s.exec(rest) ?? [];
  if (hosts === "") {
    throw invalid(
      url,
      `write ${scheme}-catalog://host:${defaultPorts[scheme]}, with commas between hosts`,
    );
  }
  const endpoints = parseEndpoints(url, hosts, defaultPorts[scheme]);
  return { kind: "consul-catalog", endpoints, tls: scheme === "consuls" };
}

function parseFile(url: string): Location {
  const folder = fileUrl.exec(url)?.[1];
  if (folder !== undefined) return { kind: "file", folder };
  throw invalid(url, "write a folder, as in file:./keyspace or file:/var/lib/sidekick");
}

function parseEtcd(url: string, scheme: "etcd" | "etcds", rest: string): Location {
  const [, login, hosts = "", query] =
    /^\/\/(?:(.*)@)?([^/?#@]+)\/?(\?slashless)?$/s.exec(rest) ?? [];
  if (hosts === "") throw invalid(url, etcdAdvice(scheme, rest));
  const endpoints = parseEndpoints(url, hosts, defaultPorts[scheme]);
  const tls = scheme === "etcds";
  const credentials = login ? parseLogin(url, login) : undefined;
  const form = query === undefined ? {} : { slashless: true as const };
  return { kind: "etcd", endpoints, tls, ...form, login: credentials };
}

function parseZookeeper(url: string, scheme: "zk" | "zks", rest: string): Location {
  const [, login, hosts = "", folder = ""] =
    /^\/\/(?:(.*)@)?([^/?#@]+)((?:\/[^/?#]+)*)\/?$/s.exec(rest) ?? [];
  if (hosts === "") {
    throw invalid(
      url,
      `write ${scheme}://host:${defaultPorts[scheme]}/folder, with commas between hosts; the folder may be left out`,
    );
  }
  if (/\/\.\.?(\/|$)/.test(folder)) throw invalid(url, "the folder has a segment . or ..");
  const endpoints = parseEndpoints(url, hosts, defaultPorts[scheme]);
  const tls = scheme === "zks";
  const credentials = login ? parseLogin(url, login) : undefined;
  return { kind: "zookeeper", endpoints, tls, chroot: folder, login: credentials };
}

function parseEndpoints(url: string, hosts: string, port: number): readonly string[] {
  return hosts.split(",").map((host) => parseEndpoint(url, host.trim(), port));
}

/** Parses host and port separately, so that the message names the invalid one. */
function parseEndpoint(url: string, text: string, defaultPort: number): string {
  const [, host, port = String(defaultPort)] =
    /^(\[[\da-f:.]+\]|[^:[\]\s]+)(?::(\d+))?$/i.exec(text) ?? [];
  if (host === undefined) throw invalid(url, `"${text}" is not host:port, nor [IPv6]:port`);
  if (!isPort(Number(port))) throw invalid(url, `${port} is not a port (1 to 65535)`);
  return `${host}:${Number(port)}`;
}

function etcdAdvice(scheme: "etcd" | "etcds", rest: string): string {
  const [, hosts, folder] = /^\/\/(?:.*@)?([^/?#@]+)(\/[^?#]+)$/s.exec(rest) ?? [];
  if (!folder) return `write ${scheme}://host:2379, with commas between hosts`;
  const place = `presence.prefix and watch.services, or behind the URL for ls and get: ${folder}`;
  return `the URL of etcd has no folder: write ${scheme}://${hosts}, and the folder in ${place}`;
}

function parseLogin(url: string, text: string): Login {
  const [, user = "", password = ""] = (/^([^:]+):(.+)$/s.exec(text) ?? []).map(decode);
  if (user && password) return { user, password };
  throw invalid(url, "write user:password before the @, with %3A for a colon and %40 for an @");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

function invalid(url: string, why: string) {
  return faults.KEYSPACE_URL_INVALID({ url: url.replace(/\/\/.*@/s, "//…@"), why });
}
