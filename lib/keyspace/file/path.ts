import { join, relative } from "node:path";
import { faults } from "./faults.ts";

/** What a keyspace folder is called in a configuration. */
export const urlOf = (root: string): string => `file:${root}`;

/** A name is at most 255 bytes long, and a temporary one is 18 longer than that of its key. */
const longestName = 237;

/**
 * Where a key is kept below `root`. Names are those of the key, but for `%` (`%25`) and a leading dot
 * (`%2E`): names that begin with a dot are ours, temporary or a session's.
 */
export function pathOf(root: string, key: string): string {
  const [before, ...segments] = key.split("/");
  const refuse = (why: string) => faults.KEYSPACE_FILE_KEY_INVALID({ key, why });
  if (before !== "" || segments.length === 0) throw refuse("it does not begin with a slash");
  if (segments.includes("")) throw refuse("it has an empty part");
  if (key.includes("\0") || !key.isWellFormed())
    throw refuse("it has a character that no name has");
  const names = segments.map(nameOf);
  if (names.some((name) => Buffer.byteLength(name) > longestName)) {
    throw refuse(`a part of it is longer than ${longestName} bytes`);
  }
  return join(root, ...names);
}

/** The key that is kept at `path`; undefined where that is the name of no key. */
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
