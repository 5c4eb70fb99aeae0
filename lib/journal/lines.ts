import { type Stats, statSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../base/fault.ts";
import type { Generation } from "./contract.ts";
import type { JournalLimits } from "./limits.ts";

/** A line of the journal. */
export interface Line {
  readonly generation: Generation;
  /** The texts that were kept with it, by their SHA-256: those of the generation, and of the one before. */
  readonly keeps?: readonly string[];
}

/** The files of the lines, the older one first. */
function pathsIn(folder: string): readonly [older: string, current: string] {
  return [join(folder, "generations.1"), join(folder, "generations")];
}

/** The text of all lines, the latest last. Throws the error of the system, but not for files that are missing. */
export async function readLineTexts(folder: string): Promise<readonly string[]> {
  const texts = await Promise.all(pathsIn(folder).map(readIfThere));
  return texts.flatMap((text) => text.split("\n")).filter(Boolean);
}

/** Undefined for a line that was torn when a process was killed. */
export function parseLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The current file, open, with what it has. */
interface Current {
  readonly file: FileHandle;
  /** Distinguishes it from another file at the same path. */
  readonly inode: string;
  lines: number;
  bytes: number;
}

/**
 * Appends lines to the current file. Once that is full, it takes the place of the older one. A line is written whole or, if the
 * process is killed, torn: then the next one begins on a line of its own. Only the owner may read the files. The file stays open
 * between two calls; one that was removed, moved or replaced is left, and begun anew.
 */
export class LineAppender {
  readonly #folder: string;
  readonly #limits: JournalLimits;
  #current: Current | undefined;

  constructor(folder: string, limits: JournalLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Throws the error of the system; then the next call has to repeat these lines. */
  async append(lines: readonly Line[]): Promise<void> {
    const { lines: mostLines, lineBytes } = this.#limits;
    for (let from = 0; from < lines.length; ) {
      const current = await this.#open();
      if (current.lines >= mostLines || current.bytes >= lineBytes) {
        await this.close();
        const [older, path] = pathsIn(this.#folder);
        await rename(path, older);
        continue;
      }
      const some = lines.slice(from, from + mostLines - current.lines);
      const text = some.map((line) => `${JSON.stringify(line)}\n`).join("");
      await this.#write(current, text);
      current.lines += some.length;
      current.bytes += Buffer.byteLength(text);
      from += some.length;
    }
  }

  /** Closes the current file; the next call of `append` opens it again. */
  async close(): Promise<void> {
    const { file } = this.#current ?? {};
    this.#current = undefined;
    await file?.close();
  }

  async #open(): Promise<Current> {
    const [, path] = pathsIn(this.#folder);
    // A look at what the system has in memory, for which no thread has to be woken.
    const found = this.#current && statSync(path, { throwIfNoEntry: false });
    if (this.#current && found && inodeOf(found) === this.#current.inode) return this.#current;
    await this.close();
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = await open(path, "a", 0o600);
    try {
      const text = await readFile(path, "utf8");
      if (text !== "" && !text.endsWith("\n")) await file.appendFile("\n");
      const stats = await file.stat();
      const lines = text.split("\n").length - 1;
      this.#current = { file, inode: inodeOf(stats), lines, bytes: stats.size };
      return this.#current;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #write({ file }: Current, text: string): Promise<void> {
    try {
      await file.appendFile(text);
    } catch (error) {
      // A part may be there.
      await this.close();
      throw error;
    }
  }
}

function inodeOf({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}

async function readIfThere(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
}
