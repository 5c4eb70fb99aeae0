import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type StateRow, statesFile } from "../../docs/generate/states-page.ts";
import { eventually } from "../support/process.ts";
import { root } from "../support/sources.ts";
import type { RefusalScene } from "./refusal-scene.ts";

/** Set by `npm run docs:states`: what the agents report is written down instead of compared. */
const isRecording = process.env.RECORD_STATES !== undefined;

/** How long after a fault the state is recorded, in milliseconds. */
const recordedAfterMs = 5000;

/** Waits until an agent reports what docs/states.md documents of this fault. `log` is its log since then. */
export async function reportsAsDocumented(
  fault: string,
  scene: RefusalScene,
  log: () => string,
): Promise<void> {
  const logged = () => ({ log: scene.warnings(log()) });
  const seen = async (): Promise<StateRow> => ({
    ...{ fault, proxy: scene.kind },
    ...(await scene.state()),
    ...logged(),
  });
  const rows = await recorded();
  const isRow = (row: StateRow) => row.fault === fault && row.proxy === scene.kind;
  if (isRecording) {
    await delay(recordedAfterMs);
    const row = await seen();
    const all = rows.some(isRow) ? rows.map((one) => (isRow(one) ? row : one)) : [...rows, row];
    await writeFile(join(root, statesFile), `${JSON.stringify(all, undefined, 2)}\n`);
    return;
  }
  const expected = rows.find(isRow);
  assert.ok(expected, `${scene.kind}: ${fault} has a row in docs/states.md`);
  const { healthz, readyz, log: lines } = expected;
  const reports = async () => {
    // A status command is a program to start: first what costs none.
    const cheap = { ...(await scene.probes()), ...logged() };
    if (!isDeepStrictEqual(cheap, { healthz, readyz, log: lines })) return false;
    return isDeepStrictEqual(await seen(), expected);
  };
  try {
    await eventually("the agent reports the fault as documented", reports, 60_000);
  } catch (error) {
    assert.deepEqual(await seen(), expected);
    throw error;
  }
}

async function recorded(): Promise<readonly StateRow[]> {
  return JSON.parse(await readFile(join(root, statesFile), "utf8").catch(() => "[]"));
}
