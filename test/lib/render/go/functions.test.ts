import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import { goFunctions } from "../../../../lib/render/go/functions/all.ts";
import { builtin } from "../../../../lib/render/go/functions/builtin.ts";
import { printed } from "../../../../lib/render/go/values/print.ts";
import { HelperError, type RenderContext } from "../../../../lib/render/helpers/contract.ts";
import { TemplateKeys } from "../../../../lib/render/keys.ts";
import { Prefixes } from "../../../../lib/render/prefixes.ts";
import { env, keys } from "./data.ts";
import { fromWire, toWire, type Wire } from "./wire.ts";

/** A call with what Go answered: the result, or `{ x }` for an error and `{ u }` for bytes that are not UTF-8. */
type Recorded = readonly [name: string, args: readonly Wire[], result: Wire, text?: string];

const recorded = readFileSync(new URL("./functions.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Recorded);

const context: RenderContext = {
  keys: templateKeys(),
  services: [],
  env: (name) => env[name],
  now: new Date(0),
  lookups: { ip: () => [], srv: () => [] },
};

function templateKeys(): TemplateKeys {
  const entries = Object.entries(keys).map(
    ([key, value]) => [key, { key, value, revision: "1" }] as const,
  );
  const all = new TemplateKeys(new Prefixes([""]));
  all.see(Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) }));
  return all;
}

/** What is refused, or done otherwise, on purpose: the part of a message of ours, or a condition. */
const onPurpose: readonly (readonly [reason: string, applies: RegExp])[] = [
  ["integers from 2^53 on, floats in other bases, addresses and the like", /not supported/],
  ["bytes that are not UTF-8", /not UTF-8/],
  ["the capacity of a list is its length", /calling slice: index out of range/],
  ["sprig gives the fault as text, which no file should have", /calling b(64|32)dec: illegal/],
];

/** Functions that take the bytes of text for characters in sprig. */
const byCharacters: ReadonlySet<string> = new Set(["nospace", "initials"]);

type Outcome = { readonly error: string } | { readonly result: Wire; readonly text: string };

function call([name, args]: Recorded): Outcome {
  try {
    const result = goFunctions[name]?.run(args.map(fromWire), context);
    return { result: toWire(result), text: printed(result) };
  } catch (error) {
    if (!(error instanceof HelperError)) throw error;
    return { error: error.message };
  }
}

function isEqual([name, , result, text]: Recorded, outcome: Outcome): boolean {
  const error = errorOf(result);
  if ("error" in outcome) return error !== undefined && isWorded(name, error, outcome.error);
  if (
    error !== undefined ||
    JSON.stringify(sorted(outcome.result)) !== JSON.stringify(sorted(result))
  )
    return false;
  return text === undefined || text === outcome.text;
}

function errorOf(result: Wire): string | undefined {
  const isError = typeof result === "object" && result !== null && "x" in result;
  return isError ? String(result.x) : undefined;
}

/** The words are Go's for its own functions and for wrong arguments, except where those show how Go works inside. */
function isWorded(name: string, error: string, own: string): boolean {
  const isGo = Object.hasOwn(builtin, name) || error.startsWith("wrong ");
  return !isGo || own === error || /non-comparable|reflect\.Value/.test(error);
}

function isAscii(args: readonly Wire[]): boolean {
  return args.every((one) => typeof one === "string" && /^[\0-\x7f]*$/.test(one));
}

/** Without the order of members. */
function sorted(wire: unknown): unknown {
  if (typeof wire !== "object" || wire === null) return wire;
  if (Array.isArray(wire)) return wire.map(sorted);
  return Object.fromEntries(
    Object.entries(wire)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

test("functions of Go templates give what Go gives, or refuse on purpose", (t) => {
  const different: string[] = [];
  let refused = 0;
  for (const one of recorded) {
    const outcome = call(one);
    if (isEqual(one, outcome)) continue;
    const problem = "error" in outcome ? outcome.error : "";
    const isOnPurpose = byCharacters.has(one[0]) && !isAscii(one[1]);
    if (isOnPurpose || onPurpose.some(([, applies]) => applies.test(problem))) refused += 1;
    else different.push(`${JSON.stringify(one)}\n  ours: ${JSON.stringify(outcome)}`);
  }
  const equal = recorded.length - refused - different.length;
  t.diagnostic(
    `${recorded.length} calls: ${equal} equal, ${refused} refused on purpose, ${different.length} different`,
  );
  assert.deepEqual(different, []);
});
