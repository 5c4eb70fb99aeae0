import { posix } from "node:path";
import { base, dir } from "../../helpers/paths.ts";
import { pure, table } from "./define.ts";

/** Paths, as in sprig: those of Linux for files, too. */
export const sprigPaths = table(
  ...["clean", "osClean"].map((name) =>
    pure(`${name}(path string) string`, "the shortest path that is the same", clean),
  ),
  ...["ext", "osExt"].map((name) =>
    pure(`${name}(path string) string`, "the extension of a path, with its dot", ext),
  ),
  ...["isAbs", "osIsAbs"].map((name) =>
    pure(`${name}(path string) bool`, "whether the path begins with a slash", (path) =>
      path.startsWith("/"),
    ),
  ),
  pure("osBase(path string) string", "the last element of a path", base),
  pure("osDir(path string) string", "a path without its last element", dir),
);

function clean(path: string): string {
  const normal = posix.normalize(path);
  return normal === "/" ? normal : normal.replace(/\/$/, "");
}

function ext(path: string): string {
  const last = path.slice(path.lastIndexOf("/") + 1);
  const dot = last.lastIndexOf(".");
  return dot === -1 ? "" : last.slice(dot);
}
