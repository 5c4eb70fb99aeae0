import { readFile, stat } from "node:fs/promises";
import { systemCode } from "../base/fault.ts";
import { stampOf } from "./read-target.ts";

/** Looks at a target between changes; reads it only if it is another file than the last time. */
export class TargetObserver {
  readonly #path: string;
  #seen: { readonly stamp: string; readonly text: string; readonly isSame: boolean } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Distinguishes the file from any other, and from no file; links are followed. */
  async stamp(): Promise<string> {
    try {
      return stampOf(await stat(this.#path));
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return "";
    }
  }

  /** How the file differs from the text that it should have; empty if it does not. */
  async difference(text: string): Promise<string> {
    const stamp = await this.stamp();
    if (stamp === "") return `${this.#path} was removed, or cannot be read`;
    if (this.#seen?.stamp !== stamp || this.#seen.text !== text) {
      const content = await readFile(this.#path, "utf8").catch(undefinedIfSystem);
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

function undefinedIfSystem(error: unknown): undefined {
  if (systemCode(error) === undefined) throw error;
}
