import type { Address } from "../../../model/endpoint.ts";
import type { LabelFilter, ServerRules } from "../../../render/synapse/choose-servers.ts";
import type { NginxSettings } from "../../../render/synapse/nginx-settings.ts";
import type { HaproxySettings } from "../../../render/synapse/settings.ts";

/** A configuration of Synapse, with its defaults, durations in milliseconds and paths absolute. */
export interface SynapseSettings {
  readonly services: readonly SynapseService[];
  readonly haproxy?: HaproxyOutput;
  readonly nginx?: NginxOutput;
  readonly fileOutput?: FileOutput;
}

/** A service, where its servers are found, and which of them are used. */
export interface SynapseService {
  readonly name: string;
  readonly source: Source;
  readonly rules: ServerRules;
}

/** Where servers are found. */
export type Source = SingleSource | SeveralSources;

export type SingleSource =
  /** Only default servers. */
  | { readonly kind: "none" }
  | ZookeeperSource
  | EtcdSource
  | DnsSource
  | DockerSource
  /** A file with a host and a port in each line. */
  | { readonly kind: "file"; readonly path: string };

export interface ZookeeperSource {
  readonly kind: "zookeeper";
  /** `host:port` of each server; the last one may have the folder that is the root. */
  readonly hosts: readonly string[];
  /** The node whose children are the servers. */
  readonly path: string;
  readonly decode: Decode;
  /** The hosts of the entries are names that are resolved; absent if they are addresses. */
  readonly resolve?: Resolving;
}

/** The format of entries. */
export type Decode =
  | { readonly kind: "nerve" }
  /** `endpoint` is the name of the additional endpoint that is the address. */
  | { readonly kind: "serverset"; readonly endpoint?: string };

export interface Resolving {
  /** The DNS server; that of the machine if it is not set. */
  readonly nameserver?: string;
  readonly intervalMs: number;
}

export interface EtcdSource {
  readonly kind: "etcd";
  /** `host:port` */
  readonly hosts: readonly string[];
  readonly path: string;
}

export interface DnsSource extends Resolving {
  readonly kind: "dns";
  readonly names: readonly DnsName[];
}

/** A name that stands for a server at each of its addresses. */
export interface DnsName {
  readonly host: string;
  /** Absent if the service sets it for all. */
  readonly port?: number;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface DockerSource {
  readonly kind: "docker";
  readonly engines: readonly (Address & { readonly name?: string })[];
  readonly image: string;
  /** The published port of a container. */
  readonly containerPort: number;
  readonly intervalMs: number;
}

/** Several sources: the servers of all, or of the first one that has any. */
export interface SeveralSources {
  readonly kind: "union" | "first";
  readonly sources: readonly NamedSource[];
}

export interface NamedSource {
  readonly name: string;
  readonly source: SingleSource;
  /** Apply to the servers of this source alone. */
  readonly labelFilters: readonly LabelFilter[];
}

/** The files, commands and sockets of haproxy. */
export interface HaproxyOutput {
  readonly settings: HaproxySettings;
  /** The file to write; absent if none is. */
  readonly target?: string;
  /** A shell command that checks the text in `candidate` before it replaces the file. */
  readonly check?: { readonly shell: string; readonly candidate: string };
  /** A shell command; absent if haproxy is not reloaded. */
  readonly reload?: { readonly shell: string };
  /** The runtime sockets; empty if haproxy is only reloaded. */
  readonly sockets: readonly string[];
  readonly minReloadIntervalMs: number;
  /** The part of the interval that is added at random, at most. */
  readonly reloadJitter: number;
  /** Synapse's own state, which has numbers and disabled servers from before. */
  readonly stateFile?: string;
}

/** The file and the commands of nginx. */
export interface NginxOutput {
  readonly settings: NginxSettings;
  /** The file to write; absent if none is. */
  readonly target?: string;
  /** A shell command that checks the file, which synapse-nginx has replaced by then. */
  readonly check?: { readonly shell: string };
  /** A shell command; absent if nginx is not reloaded. */
  readonly reload?: { readonly shell: string };
  readonly minReloadIntervalMs: number;
  /** The part of the interval that is added at random, at most. */
  readonly reloadJitter: number;
}

/** A folder with a JSON file for each service. */
export interface FileOutput {
  readonly folder: string;
  readonly services: readonly string[];
}
