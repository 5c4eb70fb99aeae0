import { formatAddress } from "../model/endpoint.ts";
import { folderOf, outermost } from "../model/entry.ts";
import type { Endpoint } from "../model/pool.ts";
import { validate } from "../model/validate.ts";
import type { NamedSources, Source, SourceFolder } from "../view/sources.ts";
import type { SourceConfig } from "./sources-schema.ts";

/** The sources by name of service. */
export function sourcesOf(configs: Readonly<Record<string, SourceConfig>>): NamedSources {
  const named = Object.entries(configs).map(([name, config]) => [name, sourceOf(name, config)]);
  return Object.fromEntries(named);
}

/** The source of a service, in whatever form it is written. */
function sourceOf(service: string, config: SourceConfig): Source {
  if (typeof config === "string" || "path" in config) return unionOf([config]);
  if (Array.isArray(config)) return unionOf(config);
  const { union, first, instances = [] } = config;
  return {
    folders: (union ?? first ?? []).map(folderIn),
    mode: first ? "first" : "union",
    instances: instances.map((one) => endpointOf(service, one)),
  };
}

/** The folders of the keyspace that templates can read for their services. */
export interface ServiceFolders {
  /** All of them. */
  readonly all: readonly string[];
  /** Those of sources. */
  readonly ofSources: readonly string[];
}

export function serviceFolders(services: string | false, sources: NamedSources): ServiceFolders {
  const folders = Object.values(sources).flatMap((source) => source.folders);
  const ofSources = new Set(folders.map(({ path }) => path));
  const others = services === false ? [] : [services];
  for (const folder of others) ofSources.delete(folder);
  return { all: outermost([...others, ...ofSources]), ofSources: [...ofSources] };
}

type FolderConfig = Extract<SourceConfig, readonly unknown[]>[number];
type InstanceConfig = NonNullable<
  Extract<SourceConfig, { instances?: unknown }>["instances"]
>[number];

function unionOf(folders: readonly FolderConfig[]): Source {
  return { folders: folders.map(folderIn), mode: "union", instances: [] };
}

function folderIn(folder: FolderConfig): SourceFolder {
  if (typeof folder === "string") return { path: folderOf(folder) };
  const { path, endpoint } = folder;
  return { path: folderOf(path), ...(endpoint !== undefined && { endpoint }) };
}

/** An instance without an entry: it has the path of its setting in place of a key. */
function endpointOf(service: string, { name, ...rest }: InstanceConfig): Endpoint {
  const id = formatAddress(rest);
  const identity = { service, id, key: `watch.sources.${service}/${id}` };
  const endpoint = validate(identity, { name, ...rest });
  if ("why" in endpoint) throw new Error(`the schema accepts an invalid instance: ${endpoint.why}`);
  const { extras: _, ...configured } = endpoint;
  return configured;
}
