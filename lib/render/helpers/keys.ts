import { sortedByBytes } from "../../base/byte-order.ts";
import { type Entry, folderOf } from "../../model/entry.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";
import { HelperError, type Helpers, type RenderContext } from "./contract.ts";
import { recorded } from "./define.ts";
import { base } from "./paths.ts";

/** Reading the keyspace. */
export const keys: Helpers = {
  getv: recorded(
    "getv key [default]",
    "the value of a key; if the key does not exist, the default or else an error",
    (args, scene) => {
      const key = args.string(0);
      const value = scene.keys.get(key)?.value ?? args.all[1] ?? undefined;
      if (value === undefined) throw missing(key);
      return value;
    },
  ),
  get: recorded(
    "get key",
    "the entry of a key, with `key` and `value`; an error if the key does not exist",
    (args, scene) => {
      const key = args.string(0);
      const entry = scene.keys.get(key);
      if (!entry) throw missing(key);
      return entry;
    },
  ),
  gets: recorded(
    "gets glob",
    "the entries with a matching key, each with `key` and `value`, sorted by the bytes of their keys",
    (args, scene) => scene.keys.matching(args.string(0)),
  ),
  getvs: recorded(
    "getvs glob",
    "the values of the matching keys, sorted, duplicates kept",
    (args, scene) => scene.keys.valuesMatching(args.string(0)),
  ),
  exists: recorded(
    "exists key",
    "whether the key exists; false for a folder",
    (args, scene) => scene.keys.get(args.string(0)) !== undefined,
  ),
  ls: recorded(
    "ls folder",
    'the names one level below a folder, sorted; for a key, its own name. Unlike in confd, `ls "/"` lists folders too',
    (args, scene) => names(args.string(0), scene),
  ),
  lsdir: recorded(
    "lsdir folder",
    "the subfolders of a folder, sorted. Unlike in confd, this works for `/` too",
    (args, scene) => scene.keys.folders(folderOf(args.string(0))),
  ),
  instances: recorded(
    "instances service",
    "the instances of a service, as in `services`; an empty list if there is no such service",
    (args, scene) => instances(args.string(0), scene),
  ),
};

function missing(key: string): HelperError {
  return new HelperError(`the key ${key} does not exist`);
}

function names(path: string, { keys }: RenderContext): readonly string[] {
  const folder = folderOf(path);
  const below = keys.names(folder);
  const entry: Entry | undefined = folder === "" ? undefined : keys.get(folder);
  return entry ? sortedByBytes(new Set([...below, base(folder)])) : below;
}

const empty: readonly Endpoint[] = [];

/** Services by name. A template calls `instances` once for each service that it names, always on the same list. */
const indexes = new WeakMap<readonly Pool[], ReadonlyMap<string, Pool>>();

function instances(service: string, { services, reads }: RenderContext): readonly Endpoint[] {
  reads?.service(service);
  let index = indexes.get(services);
  if (!index) {
    index = new Map(services.map((pool) => [pool.name, pool]));
    indexes.set(services, index);
  }
  return index.get(service)?.instances ?? empty;
}
