import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { replaceOwnFile } from "../base/atomic.ts";
import { ifSystem, systemCode } from "../base/fault.ts";
import type { JournalLimits } from "./limits.ts";

/** The texts that are kept for a generation, which may share them with others. */
export interface Keeping {
  /** The time of the generation, in milliseconds since 1970. */
  readonly atMs: number;
  /** Their SHA-256. */
  readonly keeps: readonly string[];
}

/** The texts of some generations, each in a file that is named by its SHA-256 and that only its owner may read. */
export class KeptTexts {
  readonly #folder: string;
  readonly #limits: JournalLimits;
  /** The oldest first. */
  #kept: readonly Keeping[];
  readonly #bytes = new Map<string, number>();
  #isSwept = false;

  constructor(folder: string, kept: readonly Keeping[], limits: JournalLimits) {
    this.#limits = limits;
    this.#folder = join(folder, "texts");
    this.#kept = kept;
  }

  /** Keeps texts, and removes those of generations that are too many, too old or too large. Throws the error of the system. */
  async keep(one: Keeping, texts: ReadonlyMap<string, string>): Promise<void> {
    if (!this.#isSwept) await this.#sweep();
    for (const sha256 of one.keeps) {
      const text = texts.get(sha256);
      if (text === undefined || this.#bytes.has(sha256)) continue;
      await replaceOwnFile(join(this.#folder, sha256), Buffer.from(text));
      this.#bytes.set(sha256, Buffer.byteLength(text));
    }
    this.#kept = [...this.#kept, one].slice(-this.#limits.generations);
    while (this.#isTooMuch(one.atMs)) this.#kept = this.#kept.slice(1);
    const used = new Set(this.#kept.flatMap(({ keeps }) => keeps));
    for (const sha256 of this.#bytes.keys()) if (!used.has(sha256)) await this.#remove(sha256);
  }

  has(sha256: string): boolean {
    return this.#bytes.has(sha256);
  }

  #isTooMuch(nowMs: number): boolean {
    const [oldest] = this.#kept;
    if (!oldest) return false;
    const used = new Set(this.#kept.flatMap(({ keeps }) => keeps));
    const bytes = [...used].reduce((sum, sha256) => sum + (this.#bytes.get(sha256) ?? 0), 0);
    const { textBytes, textMs } = this.#limits;
    return bytes > textBytes || nowMs - oldest.atMs > textMs;
  }

  async #remove(sha256: string): Promise<void> {
    await rm(join(this.#folder, sha256), { force: true });
    this.#bytes.delete(sha256);
  }

  /** Finds the texts that an earlier process has kept, and what it has left of those that it was writing. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(ifMissing)) {
      const path = join(this.#folder, name);
      if (/^[0-9a-f]{64}$/.test(name)) this.#bytes.set(name, (await stat(path)).size);
      else await rm(path, { force: true }).catch(ifSystem);
    }
    this.#isSwept = true;
  }
}

/** The kept text; undefined if it was not kept. Throws the error of the system. */
export async function readKeptText(folder: string, sha256: string): Promise<string | undefined> {
  return await readFile(join(folder, "texts", sha256), "utf8").catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
}

function ifMissing(error: unknown): readonly string[] {
  if (systemCode(error) === "ENOENT") return [];
  throw error;
}
