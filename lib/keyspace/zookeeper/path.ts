import { isWithin } from "../../model/entry.ts";
import { faults } from "./faults.ts";

/** The characters that ZooKeeper rejects in names. It checks UTF-16 units, so all characters beyond 16 bits are included. */
const rejected = /[\0-\x1f\x7f-\x9f\u{e000}-\u{f8ff}\u{fff0}-\u{ffff}\u{10000}-\u{10ffff}]/gu;

/** Those characters in UTF-8, percent-encoded. */
const rest = "%[89AB][\\dA-F]";
const encodings = [
  "[01][\\dA-F]|7F",
  "C2%[89][\\dA-F]",
  `EE${rest}${rest}`,
  `EF%(?:[89][\\dA-F]|A[0-3])${rest}`,
  "EF%BF%B[\\dA-F]",
  `F[0-4]${rest}${rest}${rest}`,
].join("|");
const ambiguousPercent = new RegExp(`%(?=(?:25)*(?:${encodings}))`, "g");
const encoded = new RegExp(`%(?:25(?=(?:25)*(?:${encodings}))|${encodings})`, "g");

/**
 * The path of a key below `chroot`: that of the key, except that the characters which ZooKeeper rejects are
 * percent-encoded, and so is a `%` that would read as the start of such an encoding.
 * Throws KEYSPACE_ZOOKEEPER_KEY_INVALID.
 */
export function pathOf(chroot: string, key: string): string {
  const [before, ...segments] = key.split("/");
  const invalid = (why: string) => faults.KEYSPACE_ZOOKEEPER_KEY_INVALID({ key, why });
  if (before !== "" || segments.length === 0) throw invalid("it does not begin with a slash");
  if (segments.includes("")) throw invalid("it has an empty segment");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw invalid("it has a segment . or ..");
  }
  if (!key.isWellFormed()) throw invalid("it contains half of a surrogate pair");
  return chroot + key.replace(ambiguousPercent, "%25").replace(rejected, encodeURIComponent);
}

/** The path of a folder's node; `/` for the root without a chroot. */
export function folderPathOf(chroot: string, folder: string): string {
  return (folder === "" ? chroot : pathOf(chroot, folder)) || "/";
}

/** The key of the node at `path`, which lies below `chroot`. */
export function keyOf(chroot: string, path: string): string {
  return path.slice(chroot.length).replace(encoded, decode);
}

/** Whether a node belongs to ZooKeeper itself, and so is not a key. */
export function isSystem(path: string): boolean {
  return isWithin(path, "/zookeeper");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
