import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Fault } from "../../../../../lib/base/fault.ts";
import { prepare, snapshotOf } from "../fixture.ts";
import { datasets } from "./datasets.ts";

/** Why a template that Go renders is refused: documented in docs/go-templates.md. */
const purposes: readonly (readonly [RegExp, string])[] = [
  [
    /is not allowed in a file of format plain/,
    "a value has a character that the file must not have",
  ],
  [/is 2\^53 or more|overflows int/, "integers are exact up to 2^53"],
  [/is not UTF-8/, "text is UTF-8"],
  [/%x of a float64 is not supported/, "hexadecimal text of a float64"],
  [/^RENDER_(SYNTAX|UNKNOWN_NAME) /, "a mistake that Go finds only if it executes the place"],
];

/** Why a template is rendered that Go 1.19 refuses. */
const newer: readonly RegExp[] = [
  /range can't iterate over -?\d+$/, // Go 1.24 has it
  /function "\w+" not defined/, // the oracle has a part of the functions
];

const snapshots = datasets.map(snapshotOf);

function render(data: number, template: string): { text: string } | { fault: string } {
  try {
    return { text: prepare(template)(snapshots[data] ?? snapshotOf({})) };
  } catch (error) {
    if (error instanceof Fault) return { fault: `${error.code} ${error.message}` };
    throw error;
  }
}

type Answer = { readonly text?: string; readonly parse?: string; readonly exec?: string };

test("generated templates are rendered as Go renders them, or refused for a documented reason", async (t) => {
  const file = await readFile(join(import.meta.dirname, "answers.jsonl.gz"));
  const counts = new Map<string, number>();
  for (const line of gunzipSync(file).toString().trim().split("\n")) {
    const [data, template, { text, parse, exec }] = JSON.parse(line) as [number, string, Answer];
    const ours = render(data, template);
    const failure = parse ?? exec ?? "";
    let outcome = "both fail";
    if (text !== undefined && "fault" in ours) {
      outcome = purposes.find(([pattern]) => pattern.test(ours.fault))?.[1] ?? "";
      assert.notEqual(outcome, "", `${JSON.stringify(template)}: ${ours.fault}`);
    } else if (text !== undefined) {
      assert.deepEqual(ours, { text }, JSON.stringify(template));
      outcome = "equal";
    } else if ("text" in ours) {
      outcome = "newer than Go 1.19";
      const isNewer = newer.some((pattern) => pattern.test(failure));
      assert.ok(isNewer, `${JSON.stringify(template)}: Go: ${failure}`);
    }
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  for (const [outcome, count] of counts) t.diagnostic(`${outcome}: ${count}`);
  assert.ok((counts.get("equal") ?? 0) > 1500);
});
