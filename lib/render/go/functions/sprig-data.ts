import { createHash } from "node:crypto";
import { HelperError } from "../../helpers/contract.ts";
import { bytesOf } from "../values/bytes.ts";
import { deepEqual } from "../values/cast.ts";
import { jsonText, parseJson } from "../values/json-text.ts";
import { truth } from "../values/truth.ts";
import { isNil, kindName, typeName } from "../values/types.ts";
import { decodeBase32, decodeBase64, encodeBase32 } from "./base-encodings.ts";
import { pure, recorded, table } from "./define.ts";

/** Defaults, types, JSON, encodings and hashes, as in sprig. */
export const sprigData = table(
  pure(
    "default(default any, value ...any) any",
    "the value, or the default if it is empty",
    (fallback, value) => (isEmpty(value) ? fallback : value),
  ),
  pure("empty(value any) bool", "whether the value is nil, false, 0 or has nothing in it", isEmpty),
  pure("coalesce(values ...any) any", "the first value that is not empty", (...values) =>
    values.find((value) => !isEmpty(value)),
  ),
  pure(
    "all(values ...any) bool",
    "whether no value is empty",
    (...values) => !values.some(isEmpty),
  ),
  pure(
    "any(values ...any) bool",
    "whether some value is not empty",
    (...values) => !values.every(isEmpty),
  ),
  pure(
    "ternary(yes, no any, condition bool) any",
    "the first value if the condition is true, else the second",
    (yes, no, condition) => (condition ? yes : no),
  ),
  pure("fail(message string) string", "fails with this message", (message) => {
    throw new HelperError(message);
  }),
  pure("typeOf(value any) string", "the type of the value", typeName),
  pure(
    "typeIs(type string, value any) bool",
    "whether the value has this type",
    (type, value) => type === typeName(value),
  ),
  pure(
    "typeIsLike(type string, value any) bool",
    "whether the value has this type, or points to it",
    (type, value) => [type, `*${type}`].includes(typeName(value)),
  ),
  pure("kindOf(value any) string", "the kind of the type of the value", kindName),
  pure(
    "kindIs(kind string, value any) bool",
    "whether the value is of this kind",
    (kind, value) => kind === kindName(value),
  ),
  pure("deepEqual(a, b any) bool", "whether the values have the same type and content", deepEqual),
  pure("mustFromJson(text string) any", "the value of a JSON text", parseJson),
  pure("mustToJson(value any) string", "toJson", (value) =>
    jsonText(value, { html: true, pretty: false }),
  ),
  pure("mustToPrettyJson(value any) string", "toPrettyJson", (value) =>
    jsonText(value, { html: true, pretty: true }),
  ),
  ...["toRawJson", "mustToRawJson"].map((name) =>
    pure(
      `${name}(value any) string`,
      "the value as JSON, in which `<`, `>` and `&` are not escaped",
      (value) => jsonText(value, { html: false, pretty: false }),
    ),
  ),
  pure("b64enc(text string) string", "the text in base64", (text) =>
    bytesOf(text).toString("base64"),
  ),
  pure(
    "b64dec(text string) string",
    "the text encoded in base64. Unlike in sprig, a text that is not base64 is an error",
    decodeBase64,
  ),
  pure("b32enc(text string) string", "the text in base32", encodeBase32),
  pure(
    "b32dec(text string) string",
    "the text encoded in base32. Unlike in sprig, a text that is not base32 is an error",
    decodeBase32,
  ),
  pure("sha1sum(text string) string", "the SHA-1 hash of the text", (text) => digest("sha1", text)),
  pure("sha256sum(text string) string", "the SHA-256 hash of the text", (text) =>
    digest("sha256", text),
  ),
  pure("adler32sum(text string) string", "the Adler-32 checksum of the text", adler32),
  recorded(
    "env(name string) string",
    "an environment variable",
    ({ env }, name) => env(name) ?? "",
  ),
  recorded(
    "expandenv(text string) string",
    "the text with the values of variables: `$name`, or the name in braces",
    ({ env }, text) =>
      text.replace(
        /\$(?:\{([^{}$]+)\}|(\w+))/g,
        (_: string, braced = "", bare = "") => env(braced || bare) ?? "",
      ),
  ),
);

function isEmpty(value: unknown): boolean {
  return isNil(value) || !truth(value);
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest("hex");
}

function adler32(text: string): string {
  let [low, high] = [1, 0];
  for (const byte of bytesOf(text)) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return String(high * 65536 + low);
}
