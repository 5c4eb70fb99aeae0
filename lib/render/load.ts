import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Fault, systemCode } from "../base/fault.ts";
import { shortageIn } from "../base/shortage.ts";
import type { Source, Sources } from "./contract.ts";
import { faults } from "./faults.ts";
import { languageOf } from "./language.ts";

/** The sources of a template, and the paths that they were read from. */
export interface Loaded {
  readonly sources: Sources;
  /** The file of the template. */
  readonly path: string;
  /** The paths to watch for edits: the file of the template, and the folders of the partials. */
  readonly watched: readonly string[];
}

/**
 * Reads the first of `candidates` that exists, and the partials: the `*.hbs` files in the folder `partials` beside
 * it and in `shippedPartials`. A partial beside the template replaces a shipped one of the same name. A Go template, `*.tmpl`,
 * has none. Throws RENDER_TEMPLATE_UNREADABLE, or RENDER_RESOURCES_EXHAUSTED.
 */
export async function loadSources(
  candidates: readonly string[],
  shippedPartials: string,
): Promise<Loaded> {
  const { path, text } = await firstReadable(candidates);
  const language = languageOf(path);
  const main: Source = { name: basename(path), text, language };
  if (language === "go") return { sources: { main, partials: new Map() }, path, watched: [path] };
  const folders = [shippedPartials, join(dirname(path), "partials")];
  const partials = new Map<string, Source>();
  for (const folder of folders) {
    for (const file of await templatesIn(folder)) {
      const name = `partials/${basename(file)}`;
      partials.set(basename(file, ".hbs"), { name, text: await readPartial(file) });
    }
  }
  return {
    sources: { main, partials },
    path,
    watched: [path, ...folders],
  };
}

async function firstReadable(
  candidates: readonly string[],
): Promise<{ path: string; text: string }> {
  let cause: unknown;
  for (const path of candidates) {
    try {
      return { path, text: await readFile(path, "utf8") };
    } catch (error) {
      cause = error;
      if (systemCode(error) !== "ENOENT") break;
    }
  }
  throw unreadable(candidates, cause);
}

async function readPartial(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable([path], error);
  });
}

function unreadable(looked: readonly string[], cause: unknown): Fault {
  const path = looked[0] ?? "";
  const lack = shortageIn(cause);
  return lack === undefined
    ? faults.RENDER_TEMPLATE_UNREADABLE({ path, looked }, cause)
    : faults.RENDER_RESOURCES_EXHAUSTED({ path, lack }, cause);
}

async function templatesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith(".hbs"))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw unreadable([folder], error);
  }
}
