import { createHash } from "node:crypto";
import type { Generation, JournalReader } from "../../lib/journal/contract.ts";

/** A watcher whose file is looked at. */
interface Watched {
  readonly name: string;
  readonly file: string;
  readonly journal: JournalReader;
}

/** The texts that files were seen with, each of which the journal of the watcher has to explain. */
export class SeenTexts {
  /** By watcher, the SHA-256 of its texts, in the order in which they were first seen. */
  readonly #seen = new Map<string, Set<string>>();

  add({ name }: Watched, text: string): void {
    if (text === "") return;
    const seen = this.#seen.get(name) ?? new Set();
    seen.add(createHash("sha256").update(text).digest("hex"));
    this.#seen.set(name, seen);
  }

  /** How many different texts there were. */
  get size(): number {
    return [...this.#seen.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** The texts that no generation applied, or only such without a cause: a sentence for each. */
  async unexplained(watched: readonly Watched[]): Promise<readonly string[]> {
    const found: string[] = [];
    for (const { name, file, journal } of watched) {
      const { generations } = await journal.history({ limit: Number.MAX_SAFE_INTEGER });
      const made = Map.groupBy(generations, ({ files }) => shaOf(file, files));
      const texts = [...(this.#seen.get(name) ?? [])];
      for (const [i, sha256] of texts.entries()) {
        const of = `text ${i + 1} of ${texts.length} of ${file} (${sha256.slice(0, 12)})`;
        const all = (made.get(sha256) ?? []).filter(({ how }) => applied.has(how));
        if (all.length === 0) found.push(`${of} is in no generation that was applied`);
        else if (!all.some(hasCause)) found.push(`${of} has no cause`);
      }
    }
    return found;
  }
}

/** A file without a proxy is written. */
const applied = new Set<Generation["how"]>(["written", "same"]);

function shaOf(file: string, files: Generation["files"]): string | undefined {
  return files.find(({ target }) => target === file)?.sha256;
}

function hasCause({ cause: { keys, reasons } }: Generation): boolean {
  return keys.length + reasons.length > 0;
}
