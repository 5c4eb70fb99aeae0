import { readFile, stat } from "node:fs/promises";
import { ifSystem } from "../base/fault.ts";
import { attributeDifferences } from "./attributes.ts";
import type { InstallTarget } from "./contract.ts";
import { isWritten, writtenAttributes } from "./read-target.ts";
import { attributedStampAt, contentStampOf, missing } from "./stamp.ts";

/** Looks at a target between changes; reads it only if it is another file than the last time. */
export class TargetObserver {
  readonly #target: InstallTarget;
  #seen: { readonly stamp: string; readonly text: string; readonly why: string } | undefined;

  constructor(target: InstallTarget) {
    this.#target = target;
  }

  get #path(): string {
    return this.#target.path;
  }

  /** Distinguishes the file from any other, and from no file; links are followed. */
  async stamp(): Promise<string> {
    return await attributedStampAt(this.#path);
  }

  /** How the file, which has this stamp, differs from the text and the attributes that it should have; empty if it does not. */
  async difference(stamp: string, text: string): Promise<string> {
    if (stamp === missing) return `${this.#path} was removed`;
    if (this.#seen?.stamp !== stamp || this.#seen.text !== text) {
      const isOwn = isWritten(this.#target, contentStampOf(stamp), text);
      const content = isOwn ? text : await readFile(this.#path, "utf8").catch(ifSystem);
      if (content === undefined) return `${this.#path} cannot be read`;
      const why = content === text ? await this.#attributes() : describeForeign(this.#path);
      this.#seen = { stamp, text, why };
    }
    return this.#seen.why;
  }

  /** How the attributes of the file differ from the configured ones. */
  async #attributes(): Promise<string> {
    const found = await stat(this.#path).catch(ifSystem);
    const differences = found ? attributeDifferences(found, writtenAttributes(this.#target)) : [];
    return differences.length === 0 ? "" : `${this.#path} has ${differences.join(" and ")}`;
  }
}

/** How a target differs that has another text than the one written last. */
export function describeForeign(path: string): string {
  return `${path} was changed by another program`;
}
