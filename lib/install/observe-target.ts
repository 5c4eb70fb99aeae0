import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ifSystem, systemCode } from "../base/fault.ts";
import { attributeDifferences } from "./attributes.ts";
import type { InstallTarget } from "./contract.ts";
import { stampOf, writtenAttributes } from "./read-target.ts";

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
    try {
      const found = await stat(this.#path);
      return [stampOf(found), found.mode, found.uid, found.gid].join(" ");
    } catch (error) {
      const code = systemCode(error);
      if (code === undefined) throw error;
      return code === "ENOENT" || code === "ENOTDIR" ? missing : code;
    }
  }

  /** Describes what writing the file depends on: another description may mean that it can be written now. */
  async writability(): Promise<string> {
    const folder = dirname(this.#path);
    try {
      const [{ mode, uid, gid }, { bavail }] = [await stat(folder), await statfs(folder)];
      const isWritable = await access(folder, constants.W_OK).then(
        () => true,
        () => false,
      );
      return [mode, uid, gid, isWritable, Math.min(bavail, mostBlocks)].join(" ");
    } catch (error) {
      return systemCode(error) ?? "";
    }
  }

  /** How the file, which has this stamp, differs from the text and the attributes that it should have; empty if it does not. */
  async difference(stamp: string, text: string): Promise<string> {
    if (stamp === missing) return `${this.#path} was removed`;
    if (this.#seen?.stamp !== stamp || this.#seen.text !== text) {
      const content = await readFile(this.#path, "utf8").catch(ifSystem);
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

/** More free blocks than so many are as good as any number of them. */
const mostBlocks = 256;

/** The stamp of no file. */
const missing = "";

/** How a target differs that has another text than the one written last. */
export function describeForeign(path: string): string {
  return `${path} was changed by another program`;
}
