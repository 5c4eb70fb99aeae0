import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { systemCode } from "../../base/fault.ts";
import { faults } from "../faults.ts";
import { parseValues } from "./parse-values.ts";

/** The files of the keyspace. */
export interface FileSelection {
  /** Files, and folders of files at any depth. */
  readonly paths: readonly string[];
  /** The names of files to read in folders, with `*` and `?`. */
  readonly filter: string;
}

export interface ReadFiles {
  /** Distinguishes the contents from any others. */
  readonly stamp: string;
  /** The values by key. Throws KEYSPACE_YAML_INVALID. */
  readonly values: () => ReadonlyMap<string, string>;
}

/** Reads all files; throws KEYSPACE_YAML_UNREADABLE. */
export async function readFiles({ paths, filter }: FileSelection): Promise<ReadFiles> {
  const texts: (readonly [path: string, text: string])[] = [];
  for (const path of paths) {
    for (const file of await orUnreadable(path, () => filesAt(path, filter))) {
      texts.push([file, await orUnreadable(file, () => readFile(file, "utf8"))]);
    }
  }
  return {
    stamp: JSON.stringify(texts),
    values: () => new Map(texts.flatMap(([path, text]) => [...parseValues(text, path)])),
  };
}

/** The file, or the files in the folder, in the order of their names. */
async function filesAt(path: string, filter: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const pattern = patternOf(filter);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => !entry.isDirectory() && pattern.test(basename(entry.name)),
  );
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}

function patternOf(filter: string): RegExp {
  const source = filter.replace(/[\\^$+.()|{}[\]]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su");
}

async function orUnreadable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw faults.KEYSPACE_YAML_UNREADABLE({ path }, error);
  }
}
