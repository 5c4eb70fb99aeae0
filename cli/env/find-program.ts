import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { ifSystem } from "../../lib/base/fault.ts";
import { faults } from "../faults.ts";
import type { Env } from "../world.ts";

/** A file to run, and the arguments for it, the name of the program first. */
export interface Executable {
  readonly path: string;
  readonly argv: readonly string[];
}

/** The folders in which programs are looked for without `PATH`. */
const usualFolders = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The file of a program, found as a shell does: in the folders of `PATH` if its name has no slash. A script without a first line that names
 * its interpreter is run by /bin/sh. Throws CLI_PROGRAM_NOT_FOUND.
 */
export async function findProgram(argv: readonly string[], env: Env): Promise<Executable> {
  const [name = ""] = argv;
  const folders = (env.PATH ?? usualFolders).split(delimiter);
  const paths = name.includes("/") ? [name] : folders.map((folder) => join(folder || ".", name));
  for (const path of paths) {
    if (!(await isExecutable(path))) continue;
    const names = await namesInterpreter(path);
    return names ? { path, argv } : { path: "/bin/sh", argv: ["sh", path, ...argv.slice(1)] };
  }
  throw faults.CLI_PROGRAM_NOT_FOUND({ name });
}

async function isExecutable(path: string): Promise<boolean> {
  const isRunnable = await access(path, constants.X_OK).then(() => true, ifSystem);
  return isRunnable === true && (await stat(path)).isFile();
}

/** Whether the kernel can run a file by itself. One that may not be read is taken for a program. */
async function namesInterpreter(path: string): Promise<boolean> {
  try {
    await using file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1").startsWith("#!") || buffer.toString("latin1") === "\x7fELF";
  } catch (error) {
    ifSystem(error);
    return true;
  }
}
