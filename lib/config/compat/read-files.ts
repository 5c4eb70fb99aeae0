import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { faults } from "../faults.ts";

/** A file of `service_conf_dir`, as it is written. */
export interface ServiceText {
  readonly file: string;
  readonly text: string;
}

/** Throws CONFIG_UNREADABLE. */
export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw faults.CONFIG_UNREADABLE({ file }, error);
  }
}

/** Reads the `.json` and `.yaml` files of a folder, in the order of their names. Throws CONFIG_UNREADABLE. */
export async function readServiceTexts(folder: string): Promise<readonly ServiceText[]> {
  const files = await filesIn(folder);
  return await Promise.all(files.map(async (file) => ({ file, text: await readText(file) })));
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    const fitting = names.filter((name) => /^[^.].*\.(json|yaml)$/.test(name)).sort();
    return fitting.map((name) => join(folder, name));
  } catch (error) {
    throw faults.CONFIG_UNREADABLE({ file: folder }, error);
  }
}
