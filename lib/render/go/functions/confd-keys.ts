import { sortedByBytes } from "../../../base/byte-order.ts";
import { type Entry, folderOf } from "../../../model/entry.ts";
import { compileGlob } from "../../glob.ts";
import { HelperError, type RenderContext } from "../../helpers/contract.ts";
import { base } from "../../helpers/paths.ts";
import { recorded, table } from "./define.ts";

/** Reading the keyspace, as in confd: a key that does not begin with a slash does not exist. */
export const confdKeys = table(
  recorded(
    "exists(key string) bool",
    "whether the key exists; false for a folder",
    (context, key) => Boolean(entryOf(key, context)),
  ),
  recorded(
    "get(key string) memkv.KVPair",
    "the entry of a key, with .Key and .Value",
    (context, key) => existing(key, context),
  ),
  recorded(
    "gets(glob string) memkv.KVPairs",
    "the entries with a matching key, each with .Key and .Value, sorted by key",
    ({ keys }, glob) => (matchesKeys(glob) ? keys.matching(glob) : []),
  ),
  recorded(
    "getv(key string, default ...string) string",
    "the value of a key; if the key does not exist, the default or else an error",
    (context, key, fallback) => entryOf(key, context)?.value ?? fallback ?? existing(key, context),
  ),
  recorded(
    "getvs(glob string) []string",
    "the values of the matching keys, sorted, duplicates kept",
    ({ keys }, glob) => (matchesKeys(glob) ? keys.valuesMatching(glob) : []),
  ),
  recorded(
    "ls(folder string) []string",
    "the names one level below a folder, sorted; for a key, its own name; for `/`, keys alone",
    names,
  ),
  recorded(
    "lsdir(folder string) []string",
    "the subfolders of a folder, sorted; none for `/`",
    ({ keys }, path) => (isBelowRoot(path) ? keys.folders(folderOf(path)) : []),
  ),
);

function entryOf(key: string, { keys }: RenderContext): Entry | undefined {
  return key.startsWith("/") ? keys.get(key) : undefined;
}

function existing(key: string, context: RenderContext): Entry {
  const entry = entryOf(key, context);
  if (entry) return entry;
  throw new HelperError(`key does not exist: ${key}`);
}

/** Whether a glob can match a key at all, which begins with a slash. Throws a HelperError for an invalid one. */
function matchesKeys(glob: string): boolean {
  compileGlob(glob);
  return /^\\?\//.test(glob);
}

function isBelowRoot(path: string): boolean {
  return path.startsWith("/") && folderOf(path) !== "";
}

function names(context: RenderContext, path: string): readonly string[] {
  const { keys } = context;
  if (!path.startsWith("/")) return [];
  if (!isBelowRoot(path)) return keys.names("").filter((name) => entryOf(`/${name}`, context));
  const below = keys.names(folderOf(path));
  return entryOf(path, context) ? sortedByBytes(new Set([...below, base(path)])) : below;
}
