import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { embeddedNames, embeddedText } from "../base/embedded.ts";
import { systemCode } from "../base/fault.ts";
import type { Source } from "./contract.ts";
import { unreadable } from "./unreadable.ts";

/** The partials of a folder by name. */
type Partials = ReadonlyMap<string, Source>;

/**
 * Reads folders of partials, each once for all templates that are read together: a thousand templates may share a folder.
 * Templates with the same folders get the same map.
 */
export class PartialFolders {
  readonly #folders = new Map<string, Promise<Partials>>();
  readonly #merged = new Map<string, Promise<Partials>>();

  /**
   * The partials in some folders, those of a later folder in place of ones with the same name in an earlier folder. Throws
   * RENDER_TEMPLATE_UNREADABLE, or RENDER_RESOURCES_EXHAUSTED.
   */
  async in(folders: readonly string[]): Promise<Partials> {
    const mark = folders.join("\0");
    const known = this.#merged.get(mark) ?? this.#merge(folders);
    this.#merged.set(mark, known);
    return await known;
  }

  async #merge(folders: readonly string[]): Promise<Partials> {
    const merged = new Map<string, Source>();
    for (const folder of folders) {
      const known = this.#folders.get(folder) ?? readFolder(folder);
      this.#folders.set(folder, known);
      for (const [name, source] of await known) merged.set(name, source);
    }
    return merged;
  }
}

async function readFolder(folder: string): Promise<Partials> {
  const partials = new Map<string, Source>();
  for (const file of await templatesIn(folder)) {
    const text = embeddedText(file) ?? (await readPartial(file));
    partials.set(basename(file, ".hbs"), { name: `partials/${basename(file)}`, text });
  }
  return partials;
}

async function readPartial(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable([file], error);
  }
}

async function templatesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = embeddedNames(folder) ?? (await readdir(folder));
    return names
      .filter((name) => name.endsWith(".hbs"))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw unreadable([folder], error);
  }
}
