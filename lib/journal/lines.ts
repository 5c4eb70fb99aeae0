import { appendFile, mkdir, readFile, rename, stat } from "node:fs/promises";
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

/**
 * Appends lines to the current file. Once that is full, it takes the place of the older one. A line is written whole or, if the
 * process is killed, torn: then the next one begins on a line of its own. Only the owner may read the files.
 */
export class LineAppender {
  readonly #folder: string;
  readonly #limits: JournalLimits;
  #size: { lines: number; bytes: number } | undefined;

  constructor(folder: string, limits: JournalLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Throws the error of the system; then the next call has to repeat these lines. */
  async append(lines: readonly Line[]): Promise<void> {
    const { lines: mostLines, lineBytes } = this.#limits;
    for (let from = 0; from < lines.length; ) {
      const size = this.#size ?? (await this.#begin());
      this.#size = size;
      if (size.lines >= mostLines || size.bytes >= lineBytes) {
        const [older, current] = pathsIn(this.#folder);
        await rename(current, older);
        this.#size = undefined;
        continue;
      }
      const some = lines.slice(from, from + mostLines - size.lines);
      const text = some.map((line) => `${JSON.stringify(line)}\n`).join("");
      await this.#write(text);
      size.lines += some.length;
      size.bytes += Buffer.byteLength(text);
      from += some.length;
    }
  }

  async #begin() {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const [, current] = pathsIn(this.#folder);
    const text = await readIfThere(current);
    if (text !== "" && !text.endsWith("\n")) await this.#write("\n");
    const { size } = await stat(current).catch(ifMissing);
    return { lines: text.split("\n").length - 1, bytes: size };
  }

  async #write(text: string): Promise<void> {
    const [, current] = pathsIn(this.#folder);
    try {
      await appendFile(current, text, { mode: 0o600 });
    } catch (error) {
      // A part may be there.
      this.#size = undefined;
      throw error;
    }
  }
}

async function readIfThere(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  });
}

function ifMissing(error: unknown): { readonly size: number } {
  if (systemCode(error) === "ENOENT") return { size: 0 };
  throw error;
}
