import { type Entry, folderOf } from "../../model/entry.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";
import { HelperError, type Helpers, type Scene } from "./contract.ts";
import { looking } from "./define.ts";
import { base } from "./paths.ts";

/** What is in the keyspace. */
export const keys: Helpers = {
  getv: looking(
    "getv key [default]",
    "the value of a key; where there is no such key the default, else an error",
    (given, scene) => {
      const key = given.text(0);
      const value = scene.keys.get(key)?.value ?? given.all[1] ?? undefined;
      if (value === undefined) throw missing(key);
      return value;
    },
  ),
  get: looking(
    "get key",
    "the entry of a key, with `key` and `value`; an error where there is no such key",
    (given, scene) => {
      const key = given.text(0);
      const entry = scene.keys.get(key);
      if (!entry) throw missing(key);
      return entry;
    },
  ),
  gets: looking(
    "gets glob",
    "the entries whose key matches, each with `key` and `value`, in order of key",
    (given, scene) => scene.keys.matching(given.text(0)),
  ),
  getvs: looking(
    "getvs glob",
    "the values of the keys that match, in order of value, duplicates kept",
    (given, scene) => scene.keys.valuesMatching(given.text(0)),
  ),
  exists: looking(
    "exists key",
    "whether there is such a key; a folder is none",
    (given, scene) => scene.keys.get(given.text(0)) !== undefined,
  ),
  ls: looking(
    "ls folder",
    'the names one level below a folder, sorted; of a key its own name. Unlike in confd, `ls "/"` lists folders too',
    (given, scene) => names(given.text(0), scene),
  ),
  lsdir: looking(
    "lsdir folder",
    "the names one level below a folder that have something below them, sorted. Unlike in confd, this works for `/` too",
    (given, scene) => scene.keys.folders(folderOf(given.text(0))),
  ),
  instances: looking(
    "instances service",
    "the instances of a service, as in `services`; none where there is no such service",
    (given, scene) => instances(given.text(0), scene.services),
  ),
};

function missing(key: string): HelperError {
  return new HelperError(`the key ${key} does not exist`);
}

function names(path: string, { keys }: Scene): readonly string[] {
  const folder = folderOf(path);
  const below = keys.names(folder);
  const entry: Entry | undefined = folder === "" ? undefined : keys.get(folder);
  return entry ? [...new Set([...below, base(folder)])].sort() : below;
}

const none: readonly Endpoint[] = [];

/** Services by name. The same list is asked about once for every service that a template names. */
const indexes = new WeakMap<readonly Pool[], ReadonlyMap<string, Pool>>();

function instances(service: string, services: readonly Pool[]): readonly Endpoint[] {
  let index = indexes.get(services);
  if (!index) {
    index = new Map(services.map((pool) => [pool.name, pool]));
    indexes.set(services, index);
  }
  return index.get(service)?.instances ?? none;
}
