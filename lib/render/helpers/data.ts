import { Buffer } from "node:buffer";
import { HelperError, type Helpers } from "./contract.ts";
import { pure } from "./define.ts";
import { type Given, shown } from "./given.ts";

/** Data with a structure. An object has no prototype: it has the members that were given, and no others. */
export const data: Helpers = {
  json: pure(
    "json text",
    "the JSON object in a text. Unlike in confd, 1000000 is written as it is, not as 1e+06; a whole number of 2^53 or more is kept as text",
    (given) => {
      const value = parse(given.text(0)) ?? object();
      if (typeof value === "object" && !Array.isArray(value)) return value;
      throw new HelperError(`${shown(given.all[0])} is not a JSON object`);
    },
  ),
  jsonArray: pure("jsonArray text", "the JSON list in a text", (given) => {
    const value = parse(given.text(0)) ?? [];
    if (Array.isArray(value)) return value;
    throw new HelperError(`${shown(given.all[0])} is not a JSON list`);
  }),
  toJson: pure(
    "toJson value",
    "the value as JSON: safe in a JSON file wherever a value may stand, so it is written there with three braces",
    toJson,
  ),
  map: pure("map [key value...]", "an object with these members", map),
  len: pure(
    "len value",
    "how many bytes a text has, or items a list, or members an object",
    (given) => {
      const [value] = given.all;
      if (typeof value === "string") return Buffer.byteLength(value);
      if (Array.isArray(value)) return value.length;
      if (typeof value === "object" && value !== null) return Object.keys(value).length;
      throw given.wrong(0, "a text, a list or an object");
    },
  ),
};

function object(): Record<string, unknown> {
  return Object.create(null);
}

/** The value in a JSON text; null where that is what it says. */
function parse(text: string): unknown {
  try {
    return withoutPrototypes(manyDigits.test(text) ? parseExactly(text) : JSON.parse(text));
  } catch {
    // Bad JSON, or so many brackets that the stack is too small for them: both lie in the text.
    throw new HelperError(`${shown(text)} cannot be read as JSON`);
  }
}

const manyDigits = /\d{16}/;

/** Whole numbers that a double cannot hold stay the digits that they are. Several times slower than without. */
function parseExactly(text: string): unknown {
  const exact = (_name: string, value: unknown, context: { readonly source?: string }): unknown => {
    const inexact = typeof value === "number" && !Number.isSafeInteger(value);
    return inexact && /^-?\d+$/.test(context.source ?? "") ? context.source : value;
  };
  return JSON.parse(text, exact as (name: string, value: unknown) => unknown);
}

/** Changes what was just parsed: half the time of building it anew. */
function withoutPrototypes(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) Object.setPrototypeOf(value, null);
  for (const member of Object.values(value)) withoutPrototypes(member);
  return value;
}

function toJson(given: Given): string {
  const text = JSON.stringify(given.all[0]);
  if (text === undefined) throw given.wrong(0, "a value");
  return text;
}

function map(given: Given): Record<string, unknown> {
  if (given.all.length % 2 === 1) {
    throw new HelperError("map wants pairs of a key and a value, but the last key has no value");
  }
  const members = object();
  for (let at = 0; at < given.all.length; at += 2) {
    const key = given.all[at];
    if (typeof key !== "string") throw given.wrong(at, "a text as a key");
    members[key] = given.all[at + 1];
  }
  return members;
}
