import { toLower, toUpper } from "../../helpers/case.ts";
import { base, dir } from "../../helpers/paths.ts";
import { replaced, split } from "../../helpers/text.ts";
import { bytesOf } from "../values/bytes.ts";
import { decodeBase64 } from "./base-encodings.ts";
import { pure, table } from "./define.ts";

/** Strings and paths, as in confd. */
export const confdText = table(
  pure("base(path string) string", "the last element of a path; `.` for an empty path", base),
  pure("dir(path string) string", "a path without its last element", dir),
  pure(
    "split(text, separator string) []string",
    "the parts of a text; its characters if the separator is empty",
    split,
  ),
  pure(
    "join(list []string, separator string) string",
    "the texts of a list as one",
    (list, separator) => list.join(separator),
  ),
  pure("toUpper(text string) string", "the text in upper case", toUpper),
  pure("toLower(text string) string", "the text in lower case", toLower),
  pure("contains(text, part string) bool", "whether the text contains the part", (text, part) =>
    text.includes(part),
  ),
  pure(
    "replace(text, old, new string, count int) string",
    "the text with the first `count` occurrences replaced, or all of them if it is negative",
    replaced,
  ),
  pure("trimSuffix(text, suffix string) string", "the text without this suffix", (text, suffix) =>
    text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text,
  ),
  pure("base64Encode(text string) string", "the text in base64", (text) =>
    bytesOf(text).toString("base64"),
  ),
  pure(
    "base64Decode(text string) string",
    "the text encoded in base64; an error if it is not base64 of UTF-8",
    decodeBase64,
  ),
);
