import { posix } from "node:path";
import type { Helpers } from "./contract.ts";
import { pure } from "./define.ts";

/** Parts of keys and paths, by the rules of Go's `path`. */
export const paths: Helpers = {
  base: pure("base path", "the last part of a path; `.` for no path at all", (given) =>
    base(given.text(0)),
  ),
  dir: pure("dir path", "a path without its last part; `.` where nothing is left", (given) =>
    dir(given.text(0)),
  ),
};

export function base(path: string): string {
  if (path === "") return ".";
  const trimmed = withoutSlashes(path);
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

/** Unlike Node's dirname: the text after the last slash goes, even if it is none, and the rest is tidied. */
function dir(path: string): string {
  const tidy = posix.normalize(path.slice(0, path.lastIndexOf("/") + 1));
  return tidy === "/" ? tidy : withoutSlashes(tidy);
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
