import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync } from "node:zlib";
import { Snapshot } from "../../../../../lib/model/snapshot.ts";
import { goFunctions } from "../../../../../lib/render/go/functions/all.ts";
import { builtin } from "../../../../../lib/render/go/functions/builtin.ts";
import { printed } from "../../../../../lib/render/go/values/print.ts";
import { HelperError, type RenderContext } from "../../../../../lib/render/helpers/contract.ts";
import { TemplateKeys } from "../../../../../lib/render/keys.ts";
import { Prefixes } from "../../../../../lib/render/prefixes.ts";
import { unanswered } from "./calls.ts";
import { env, keys } from "./data.ts";
import { fromWire, toWire, type Wire } from "./wire.ts";

/** A call with what Go answered: the result, or `{ x }` for an error and `{ u }` for bytes that are not UTF-8. */
type Recorded = readonly [name: string, args: readonly Wire[], result: Wire, text?: string];

const recorded = gunzipSync(readFileSync(new URL("./answers.jsonl.gz", import.meta.url)))
  .toString()
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

/** The reasons of refusals on purpose, by our message. */
const onPurpose: readonly (readonly [reason: string, message: RegExp])[] = [
  ["integers from 2^53 on, floats in other bases, addresses and the like", /not supported/],
  ["bytes that are not UTF-8", /not UTF-8/],
  ["the capacity of a list is its length", /calling slice: index out of range/],
  ["sprig gives the fault as text, which no file should have", /calling b(64|32)dec: illegal/],
];

/** What sprig does with characters that are not ASCII, whose bytes it takes for characters. */
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
  if (error !== undefined || !isDeepStrictEqual(outcome.result, result)) return false;
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

function isOnPurpose([name, args]: Recorded, outcome: Outcome): boolean {
  if (!("error" in outcome)) return byCharacters.has(name) && !isAscii(args);
  return onPurpose.some(([, message]) => message.test(outcome.error));
}

function isAscii(args: readonly Wire[]): boolean {
  return args.every((one) => typeof one === "string" && /^[\0-\x7f]*$/.test(one));
}

test("functions of Go templates give what Go gives, or refuse on purpose", (t) => {
  const different: string[] = [];
  let refused = 0;
  for (const one of recorded) {
    const outcome = call(one);
    if (isEqual(one, outcome)) continue;
    if (isOnPurpose(one, outcome)) refused += 1;
    else different.push(`${JSON.stringify(one)}\n  ours: ${JSON.stringify(outcome)}`);
  }
  const equal = recorded.length - refused - different.length;
  t.diagnostic(
    `${recorded.length} calls: ${equal} equal, ${refused} refused on purpose, ${different.length} different`,
  );
  assert.deepEqual(different, []);
  assert.ok(refused < recorded.length / 50, `${refused} of ${recorded.length} are refused`);
});

test("every function has recorded calls, unless its result depends on the host or on name servers", () => {
  const known = new Set(recorded.map(([name]) => name));
  const missing = Object.keys(goFunctions).filter((name) => !known.has(name));
  assert.deepEqual(new Set(missing), unanswered);
});
