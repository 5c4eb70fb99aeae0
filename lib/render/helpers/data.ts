import { Buffer } from "node:buffer";
import { type Arguments, describe } from "./arguments.ts";
import { HelperError, type Helpers, UnusableValue } from "./contract.ts";
import { pure } from "./define.ts";
import { parseShallow } from "./json.ts";

/** Structured data. Objects have no prototype, so that a template sees their own members alone. */
export const data: Helpers = {
  json: pure(
    "json string",
    "the JSON object in a string. Unlike in confd, 1000000 is printed as such and not as 1e+06; an integer of 2^53 or more becomes a string",
    (args) => {
      const value = parse(args.string(0)) ?? object();
      if (typeof value === "object" && !Array.isArray(value)) return value;
      throw new UnusableValue(`${describe(args.all[0])} is not a JSON object`);
    },
  ),
  jsonArray: pure("jsonArray string", "the JSON list in a string", (args) => {
    const value = parse(args.string(0)) ?? [];
    if (Array.isArray(value)) return value;
    throw new UnusableValue(`${describe(args.all[0])} is not a JSON list`);
  }),
  toJson: pure(
    "toJson value",
    "the value as JSON. In a JSON file it is a complete value, so write it with three braces: `{{{toJson value}}}`",
    toJson,
  ),
  map: pure("map [key value...]", "an object of these members", map),
  len: pure(
    "len value",
    "the number of bytes of a string, of items of a list, or of members of an object",
    (args) => {
      const [value] = args.all;
      if (typeof value === "string") return Buffer.byteLength(value);
      if (Array.isArray(value)) return value.length;
      if (typeof value === "object" && value !== null) return Object.keys(value).length;
      throw args.invalid(0, "a string, a list or an object");
    },
  ),
};

function object(): Record<string, unknown> {
  return Object.create(null);
}

/** Parses JSON. Throws a HelperError. */
function parse(text: string): unknown {
  const value = parseShallow(text);
  return withoutPrototypes(manyDigits.test(text) ? parseExactly(text) : value);
}

const manyDigits = /\d{16}/;

/** Integers that a double cannot hold exactly become strings of digits. Several times slower than plain parsing. */
function parseExactly(text: string): unknown {
  const exact = (_name: string, value: unknown, context: { readonly source?: string }): unknown => {
    const inexact = typeof value === "number" && !Number.isSafeInteger(value);
    return inexact && /^-?\d+$/.test(context.source ?? "") ? context.source : value;
  };
  return JSON.parse(text, exact as (name: string, value: unknown) => unknown);
}

/** Removes the prototypes in place, which takes half the time of building new objects. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const member of Object.values(value)) withoutPrototypes(member);
  return value;
}

function toJson(args: Arguments): string {
  const text = JSON.stringify(args.all[0]);
  if (text === undefined) throw args.invalid(0, "a value");
  return text;
}

function map(args: Arguments): Record<string, unknown> {
  if (args.all.length % 2 === 1) {
    throw new HelperError("map expects pairs of a key and a value, but the last key has no value");
  }
  const members = object();
  for (let at = 0; at < args.all.length; at += 2) {
    const key = args.all[at];
    if (typeof key !== "string") throw args.invalid(at, "a string as a key");
    members[key] = args.all[at + 1];
  }
  return members;
}
