import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { eventually } from "../test/support/process.ts";

/** A file that is replaced by renaming another one to its name, and when that was. */
export class RewrittenFile implements Disposable {
  readonly #path: string;
  readonly #watching: FSWatcher;
  #renamedMs: number | undefined;

  /** Its folder must be there. */
  constructor(path: string) {
    this.#path = path;
    this.#watching = watch(dirname(path), (_, name) => {
      if (name === basename(path)) this.#renamedMs = performance.now();
    });
  }

  /** Waits until a file that is `wanted` has come since then; when it did. Both as performance.now() tells. */
  async becomes(
    what: string,
    wanted: (text: string) => boolean,
    sinceMs: number,
    limitMs?: number,
  ): Promise<number> {
    return await eventually(
      what,
      async () => {
        const renamedMs = this.#renamedMs;
        if (renamedMs === undefined || renamedMs < sinceMs) return undefined;
        this.#renamedMs = undefined;
        return wanted(await readFile(this.#path, "utf8")) && renamedMs;
      },
      limitMs,
    );
  }

  [Symbol.dispose](): void {
    this.#watching.close();
  }
}
