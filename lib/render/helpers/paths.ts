import { posix } from "node:path";
import type { Helpers } from "./contract.ts";
import { pure } from "./define.ts";

/** Parts of keys and paths, by the rules of Go's `path` package. */
export const paths: Helpers = {
  base: pure("base path", "the last element of a path; `.` for an empty path", (args) =>
    base(args.string(0)),
  ),
  dir: pure("dir path", "a path without its last element; `.` if nothing is left", (args) =>
    dir(args.string(0)),
  ),
};

export function base(path: string): string {
  if (path === "") return ".";
  const trimmed = withoutSlashes(path);
  return trimmed === "" ? "/" : trimmed.slice(trimmed.lastIndexOf("/") + 1);
}

/** Unlike Node's dirname: removes only the text after the last slash, which may be empty, and normalizes the rest. */
export function dir(path: string): string {
  const normalized = posix.normalize(path.slice(0, path.lastIndexOf("/") + 1));
  return normalized === "/" ? normalized : withoutSlashes(normalized);
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}
