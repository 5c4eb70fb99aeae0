import { readFile } from "node:fs/promises";
import { ifSystem } from "../base/fault.ts";
import { missing, stampAt } from "./stamp.ts";

/** Looks at a target between changes; reads it only if it is another file than the last time. */
export class TargetObserver {
  readonly #path: string;
  #seen: { readonly stamp: string; readonly text: string; readonly isSame: boolean } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Distinguishes the file from any other, and from no file; links are followed. */
  async stamp(): Promise<string> {
    return await stampAt(this.#path);
  }

  /** How the file, which has this stamp, differs from the text that it should have; empty if it does not. */
  async difference(stamp: string, text: string): Promise<string> {
    if (stamp === missing) return `${this.#path} was removed`;
    if (this.#seen?.stamp !== stamp || this.#seen.text !== text) {
      const content = await readFile(this.#path, "utf8").catch(ifSystem);
      if (content === undefined) return `${this.#path} cannot be read`;
      this.#seen = { stamp, text, isSame: content === text };
    }
    return this.#seen.isSame ? "" : describeForeign(this.#path);
  }
}

/** How a target differs that has another text than the one written last. */
export function describeForeign(path: string): string {
  return `${path} was changed by another program`;
}
