import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { eventually } from "../test/support/process.ts";

/** A file that is replaced by renaming another one, and the time of the last replacement. */
export class RewrittenFile implements Disposable {
  readonly #path: string;
  readonly #watching: FSWatcher;
  #renamedMs: number | undefined;

  /** Its folder must exist. */
  constructor(path: string) {
    this.#path = path;
    this.#watching = watch(dirname(path), (_, name) => {
      if (name === basename(path)) this.#renamedMs = performance.now();
    });
  }

  /** Waits for a replacement after `sinceMs` that matches. Resolves with its time. Times are as of performance.now(). */
  async becomes(
    what: string,
    matches: (text: string) => boolean,
    sinceMs: number,
    limitMs?: number,
  ): Promise<number> {
    return await eventually(
      what,
      async () => {
        const renamedMs = this.#renamedMs;
        if (renamedMs === undefined || renamedMs < sinceMs) return undefined;
        this.#renamedMs = undefined;
        return matches(await readFile(this.#path, "utf8")) && renamedMs;
      },
      limitMs,
    );
  }

  [Symbol.dispose](): void {
    this.#watching.close();
  }
}
