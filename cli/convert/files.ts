import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCode } from "../../lib/base/fault.ts";
import { faults } from "../faults.ts";

/** Files by their paths in a folder. */
export type Files = ReadonlyMap<string, string>;

/** Throws CLI_FILE_EXISTS for a file with another text. */
export async function assertReplaceable(folder: string, files: Files): Promise<void> {
  for (const [name, text] of files) {
    const path = join(folder, name);
    const present = await readFile(path, "utf8").catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return text;
      throw faults.CLI_FILE_EXISTS({ path, why: "cannot be read" }, error);
    });
    if (present !== text) throw faults.CLI_FILE_EXISTS({ path, why: "has another text" });
  }
}

/** Writes the files, and creates their folders. Throws CLI_FILE_UNWRITABLE. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, text] of files) {
    const path = join(folder, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    } catch (error) {
      throw faults.CLI_FILE_UNWRITABLE({ path }, error);
    }
  }
}
