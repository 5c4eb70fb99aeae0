import { Buffer, isUtf8 } from "node:buffer";
import { type Arguments, describe } from "./arguments.ts";
import { toLower, toUpper } from "./case.ts";
import { type Helpers, UnusableValue } from "./contract.ts";
import { pure } from "./define.ts";

/** Strings, by the rules of Go's `strings` package. */
export const text: Helpers = {
  toUpper: pure(
    "toUpper string",
    "the string in upper case, character by character: `ß` remains",
    (args) => toUpper(args.string(0)),
  ),
  toLower: pure("toLower string", "the string in lower case, character by character", (args) =>
    toLower(args.string(0)),
  ),
  trimSuffix: pure("trimSuffix string suffix", "the string without this suffix", (args) => {
    const [whole, suffix] = [args.string(0), args.string(1)];
    return whole.endsWith(suffix) ? whole.slice(0, whole.length - suffix.length) : whole;
  }),
  contains: pure("contains string part", "whether the string contains the part", (args) =>
    args.string(0).includes(args.string(1)),
  ),
  split: pure(
    "split string separator",
    "the parts of a string; its characters if the separator is empty",
    (args) => split(args.string(0), args.string(1)),
  ),
  join: pure("join list separator", "the strings of a list as one string", (args) =>
    args.strings(0).join(args.string(1)),
  ),
  concat: pure("concat string...", "all the strings as one string", (args) =>
    args.all.map((_, at) => args.string(at)).join(""),
  ),
  replace: pure(
    "replace string old new [count]",
    "the string with the first `count` occurrences replaced; by default, or if `count` is negative, all of them",
    replace,
  ),
  base64Encode: pure("base64Encode string", "the UTF-8 bytes of the string in base64", (args) =>
    Buffer.from(args.string(0)).toString("base64"),
  ),
  base64Decode: pure(
    "base64Decode string",
    "the string encoded in base64; an error if it is not base64, or not UTF-8",
    (args) => decodeBase64(args.string(0)),
  ),
};

function replace(args: Arguments): string {
  const count = args.all.length > 3 ? args.integer(3) : -1;
  return replaced(args.string(0), args.string(1), args.string(2), count);
}

export function split(whole: string, separator: string): string[] {
  return separator === "" ? [...whole] : whole.split(separator);
}

/** Replaces the first `count` occurrences, or all of them if it is negative. */
export function replaced(whole: string, old: string, fresh: string, count: number): string {
  // As in Go, an empty string occurs before every character and at the end.
  const parts = old === "" ? ["", ...whole, ""] : whole.split(old);
  if (count < 0 || count >= parts.length) return parts.join(fresh);
  return [parts.slice(0, count + 1).join(fresh), ...parts.slice(count + 1)].join(old);
}

/** Throws an UnusableValue for a text that is not base64, or not of UTF-8. */
export function decodeBase64(text: string): string {
  // As in Go, line breaks are ignored: certificates have them.
  const encoded = text.replace(/[\r\n]/g, "");
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded) {
    throw new UnusableValue(`${describe(encoded)} is not base64`);
  }
  if (!isUtf8(bytes)) throw new UnusableValue(`the bytes in ${describe(encoded)} are not UTF-8`);
  return bytes.toString();
}
