import { Buffer, isUtf8 } from "node:buffer";
import { HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";
import { type Given, shown } from "./given.ts";

/** Text, by the rules of Go's `strings`. */
export const text: Helpers = {
  toUpper: pure("toUpper text", "the text in capitals", (given) => given.text(0).toUpperCase()),
  toLower: pure("toLower text", "the text in small letters", (given) =>
    given.text(0).toLowerCase(),
  ),
  trimSuffix: pure("trimSuffix text suffix", "the text without its ending", (given) => {
    const [whole, suffix] = [given.text(0), given.text(1)];
    return whole.endsWith(suffix) ? whole.slice(0, whole.length - suffix.length) : whole;
  }),
  contains: pure("contains text part", "whether the part occurs in the text", (given) =>
    given.text(0).includes(given.text(1)),
  ),
  split: pure(
    "split text separator",
    "the parts of a text; its characters where the separator is empty",
    (given) => {
      const [whole, separator] = [given.text(0), given.text(1)];
      return separator === "" ? [...whole] : whole.split(separator);
    },
  ),
  join: pure("join list separator", "the texts of a list as one", (given) =>
    given.texts(0).join(given.text(1)),
  ),
  concat: pure("concat text...", "all the texts as one", (given) =>
    given.all.map((_, at) => given.text(at)).join(""),
  ),
  replace: pure(
    "replace text old new [count]",
    "the text with the first `count` occurrences replaced: all of them by default or where it is below 0",
    replace,
  ),
  base64Encode: pure("base64Encode text", "the text's UTF-8 bytes in base64", (given) =>
    Buffer.from(given.text(0)).toString("base64"),
  ),
  base64Decode: pure(
    "base64Decode text",
    "the text that is written in base64; an error where it is not base64, or not UTF-8",
    base64Decode,
  ),
};

function replace(given: Given): string {
  const [whole, old, fresh] = [given.text(0), given.text(1), given.text(2)];
  const count = given.all.length > 3 ? given.whole(3) : -1;
  // An empty text is found before every character, and at the end.
  const parts = old === "" ? ["", ...whole, ""] : whole.split(old);
  if (count < 0 || count >= parts.length) return parts.join(fresh);
  return [parts.slice(0, count + 1).join(fresh), ...parts.slice(count + 1)].join(old);
}

function base64Decode(given: Given): string {
  // Line breaks may stand anywhere, as in a certificate.
  const encoded = given.text(0).replace(/[\r\n]/g, "");
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.toString("base64") !== encoded) {
    throw new HelperError(`${shown(encoded)} is not base64`);
  }
  if (!isUtf8(bytes)) throw new HelperError(`the bytes in ${shown(encoded)} are not UTF-8`);
  return bytes.toString();
}
