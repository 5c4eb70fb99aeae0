import { join, relative } from "node:path";
import { faults } from "./faults.ts";

/** The URL of a keyspace folder. */
export const urlOf = (root: string): string => `file:${root}`;

/** A file name has at most 255 bytes, and that of a temporary file is 18 bytes longer than that of its key. */
const maxNameBytes = 237;

/**
 * The path of a key below `root`. A path has the segments of the key, except that `%` is written as `%25` and a leading
 * dot as `%2E`: names with a leading dot are temporary files and sessions. Throws KEYSPACE_FILE_KEY_INVALID.
 */
export function pathOf(root: string, key: string): string {
  const [before, ...segments] = key.split("/");
  const invalid = (why: string) => faults.KEYSPACE_FILE_KEY_INVALID({ key, why });
  if (before !== "" || segments.length === 0) throw invalid("it does not begin with a slash");
  if (segments.includes("")) throw invalid("it has an empty segment");
  if (key.includes("\0") || !key.isWellFormed()) {
    throw invalid("it contains a NUL character or half of a surrogate pair");
  }
  const names = segments.map(nameOf);
  if (names.some((name) => Buffer.byteLength(name) > maxNameBytes)) {
    throw invalid(`a segment is longer than ${maxNameBytes} bytes`);
  }
  return join(root, ...names);
}

/** The key at `path`; undefined if the path is not that of a key. */
export function keyOf(root: string, path: string): string | undefined {
  const below = relative(root, path);
  if (below === "") return "";
  const segments = below.split("/").map(segmentOf);
  return segments.includes(undefined) ? undefined : `/${segments.join("/")}`;
}

function nameOf(segment: string): string {
  return segment.replaceAll("%", "%25").replace(/^\./, "%2E");
}

function segmentOf(name: string): string | undefined {
  const segment = name.replace(/^%2E|%25/g, (code) => (code === "%25" ? "%" : "."));
  return nameOf(segment) === name ? segment : undefined;
}
