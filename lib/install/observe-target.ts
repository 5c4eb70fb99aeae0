import { access, constants, readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { ifSystem, systemCode } from "../base/fault.ts";
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

/** More free blocks than so many are as good as any number of them. */
const mostBlocks = 256;

/** The stamp of no file. */
const missing = "";

/** How a target differs that has another text than the one written last. */
export function describeForeign(path: string): string {
  return `${path} was changed by another program`;
}
