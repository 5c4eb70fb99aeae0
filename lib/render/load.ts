import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { embeddedText, isEmbedded } from "../base/embedded.ts";
import { systemCode } from "../base/fault.ts";
import type { Language, Source, Sources } from "./contract.ts";
import { languageOf } from "./language.ts";
import { PartialFolders } from "./partial-folders.ts";
import { unreadable } from "./unreadable.ts";

/** The sources of a template, and the paths that they were read from. */
export interface Loaded {
  readonly sources: Sources;
  /** The file of the template. */
  readonly path: string;
  /** The paths to watch for edits: the file of the template, and the folders of the partials; none inside of an executable. */
  readonly watched: readonly string[];
}

/**
 * Reads the first of `candidates` that exists, and the partials: the `*.hbs` files in the folder `partials` beside
 * it and in `shippedPartials`. A partial beside the template replaces a shipped one of the same name. A Go template, `*.tmpl`,
 * has none. `partials` are those that other templates were read with. Throws RENDER_TEMPLATE_UNREADABLE, or
 * RENDER_RESOURCES_EXHAUSTED.
 */
export async function loadSources(
  candidates: readonly string[],
  shippedPartials: string,
  givenLanguage?: Language,
  partials: PartialFolders = new PartialFolders(),
): Promise<Loaded> {
  const { path, text } = await firstReadable(candidates);
  const language = givenLanguage ?? languageOf(path);
  const main: Source = { name: basename(path), text, language };
  if (language === "go") return { sources: { main, partials: new Map() }, path, watched: [path] };
  const folders = [shippedPartials, join(dirname(path), "partials")];
  return {
    sources: { main, partials: await partials.in(folders) },
    path,
    watched: [path, ...folders].filter((one) => !isEmbedded(one)),
  };
}

async function firstReadable(
  candidates: readonly string[],
): Promise<{ path: string; text: string }> {
  let cause: unknown;
  for (const path of candidates) {
    try {
      return { path, text: embeddedText(path) ?? (await readFile(path, "utf8")) };
    } catch (error) {
      cause = error;
      if (systemCode(error) !== "ENOENT") break;
    }
  }
  throw unreadable(candidates, cause);
}
