import { keyspaceSchema } from "../../../keyspace/schema.ts";
import { isServiceName } from "../../../model/names.ts";
import type { Problem } from "../../located/problem.ts";
import {
  formatPath,
  keyPositionAt,
  type ObjectNode,
  type Path,
  positionAt,
} from "../../located/tree.ts";
import { isRemote, urlOf } from "./clusters.ts";
import type { Discovery, SingleDiscovery } from "./discovery-schema.ts";
import type { ServiceConfig, SynapseConfig } from "./schema.ts";
import { sourceOf } from "./sources.ts";

/** Methods that are understood, but that no watcher can follow, with what to use in place of them. */
const withoutWatcher: Readonly<Record<string, string>> = {
  docker:
    "a watcher asks no Docker engines: register the containers with a presence agent, presence.docker",
  file: "a watcher reads no such files: list the servers in default_servers",
};

/** Where a setting is, and how it is reported. */
interface Place {
  readonly path: Path;
  readonly root: ObjectNode;
}

/** What a valid configuration has that the watcher cannot do. */
export function unsupported(
  { services = {}, haproxy }: SynapseConfig,
  root: ObjectNode,
): readonly Problem[] {
  const sockets = [haproxy?.socket_file_path ?? []].flat();
  return [
    ...Object.entries(services).flatMap(([name, service]) => ofService(name, service, root)),
    ...(sockets.length > 1
      ? [
          problemAt(
            { path: ["haproxy"], root },
            "socket_file_path",
            "a list: expected one socket: haproxy has had one process since 2.5",
          ),
        ]
      : []),
  ];
}

function ofService(name: string, service: ServiceConfig, root: ObjectNode): readonly Problem[] {
  const path = ["services", name];
  const position = keyPositionAt(root, path);
  const message = `${formatPath(path)} has an invalid name: expected letters, digits and _ . : - only`;
  return [
    ...(isServiceName(name) ? [] : [{ position, message }]),
    ...watchersOf(service).flatMap((one) => ofWatcher(one, { path: [...path, ...one.path], root })),
  ];
}

/** A watcher of a service, and where it is there. */
interface Watcher {
  readonly path: Path;
  readonly discovery: SingleDiscovery;
  readonly isOneOfSeveral: boolean;
  /** Whether the first one with any servers is used. */
  readonly isSequential: boolean;
}

function watchersOf({ discovery, discovery_multi: multi }: ServiceConfig): readonly Watcher[] {
  const several = multi ?? (isMulti(discovery) ? discovery : undefined);
  const kind = {
    isOneOfSeveral: several !== undefined,
    isSequential: several?.resolver.method === "sequential",
  };
  const key = multi ? "discovery_multi" : "discovery";
  const named = Object.entries(several?.watchers ?? {});
  return [
    ...(discovery && !isMulti(discovery) ? [{ path: ["discovery"], discovery, ...kind }] : []),
    ...named.map(([name, one]) => ({ path: [key, "watchers", name], discovery: one, ...kind })),
  ];
}

type Multi = Extract<Discovery, { method: "multi" }>;

function isMulti(discovery: Discovery | undefined): discovery is Multi {
  return discovery?.method === "multi";
}

function ofWatcher(watcher: Watcher, place: Place): readonly Problem[] {
  const { discovery, isOneOfSeveral } = watcher;
  const { method } = discovery;
  const reason = withoutWatcher[method];
  if (reason !== undefined) return [problemAt(place, "method", `${method}, ${reason}`)];
  const isAlone = method !== "dns" || !isOneOfSeveral;
  return [
    ...(isAlone
      ? []
      : [problemAt(place, "method", "dns, which can only be the only watcher of a service")]),
    ...nameserverProblems(discovery, place),
    ...filterProblems(watcher, place),
    ...hostProblems(discovery, place),
  ];
}

function nameserverProblems(discovery: SingleDiscovery, place: Place): readonly Problem[] {
  if (!("nameserver" in discovery) || discovery.nameserver === undefined) return [];
  const why = "not supported: names are resolved as by all programs of this machine";
  return [problemAt(place, "nameserver", why)];
}

function filterProblems(
  { discovery: { label_filter: one, label_filters: all }, isSequential }: Watcher,
  place: Place,
): readonly Problem[] {
  if (!isSequential || !(one ?? all)) return [];
  const why = "not supported for one of several sequential watchers: set it for the service";
  return [problemAt(place, one ? "label_filter" : "label_filters", why)];
}

function hostProblems(discovery: SingleDiscovery, place: Place): readonly Problem[] {
  const source = sourceOf(discovery);
  if ("sources" in source || !isRemote(source)) return [];
  const { error } = keyspaceSchema.safeParse(urlOf(source));
  const key = "hosts" in discovery && discovery.hosts ? "hosts" : "host";
  const [issue] = error?.issues ?? [];
  return issue ? [problemAt(place, key, `invalid: ${issue.message}`)] : [];
}

function problemAt({ path, root }: Place, key: string, message: string): Problem {
  const place = [...path, key];
  return { position: positionAt(root, place), message: `${formatPath(place)} is ${message}` };
}
