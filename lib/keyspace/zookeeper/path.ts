import { isWithin } from "../../model/entry.ts";
import { faults } from "./faults.ts";

/** The characters that ZooKeeper takes in no name; it counts in UTF-16, so those beyond it are among them. */
const refused = /[\0-\x1f\x7f-\x9f\u{e000}-\u{f8ff}\u{fff0}-\u{ffff}\u{10000}-\u{10ffff}]/gu;

/** How those characters read in UTF-8 when each byte is `%` and two digits. */
const rest = "%[89AB][\\dA-F]";
const written = [
  "[01][\\dA-F]|7F",
  "C2%[89][\\dA-F]",
  `EE${rest}${rest}`,
  `EF%(?:[89][\\dA-F]|A[0-3])${rest}`,
  "EF%BF%B[\\dA-F]",
  `F[0-4]${rest}${rest}${rest}`,
].join("|");
const mistakable = new RegExp(`%(?=(?:25)*(?:${written}))`, "g");
const escaped = new RegExp(`%(?:25(?=(?:25)*(?:${written}))|${written})`, "g");

/**
 * Where a key is kept below `chroot`. Names are those of the key, but for characters that ZooKeeper refuses
 * (each byte of them is `%` and two digits), and for a `%` that would be taken for the beginning of one.
 */
export function pathOf(chroot: string, key: string): string {
  const [before, ...segments] = key.split("/");
  const refuse = (why: string) => faults.KEYSPACE_ZOOKEEPER_KEY_INVALID({ key, why });
  if (before !== "" || segments.length === 0) throw refuse("it does not begin with a slash");
  if (segments.includes("")) throw refuse("it has an empty part");
  if (segments.some((part) => part === "." || part === "..")) {
    throw refuse("a part of it is only dots");
  }
  if (!key.isWellFormed()) throw refuse("it has half of a character");
  return chroot + key.replace(mistakable, "%25").replace(refused, encodeURIComponent);
}

/** The node of a folder: that of its key, or that of the root. */
export function folderPathOf(chroot: string, folder: string): string {
  return (folder === "" ? chroot : pathOf(chroot, folder)) || "/";
}

/** The key that is kept at `path`, which lies below `chroot`. */
export function keyOf(chroot: string, path: string): string {
  return path.slice(chroot.length).replace(escaped, decode);
}

/** Whether a node is ZooKeeper's own, and so none of the keys. */
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
