import assert from "node:assert/strict";
import { test } from "node:test";
import { SharedRuns } from "../../../lib/proxy/shared-runs.ts";

/** Runs that end on request of the test. */
function scene() {
  const runs = new SharedRuns<number>();
  const ends: { readonly resolve: (n: number) => void; readonly reject: (e: Error) => void }[] = [];
  const start = () => new Promise<number>((resolve, reject) => void ends.push({ resolve, reject }));
  return { ends, ask: (name = "reload") => runs.run(name, start) };
}

const settled = () => new Promise(setImmediate);

test("callers that ask while a command runs share its next run", async () => {
  const { ends, ask } = scene();
  const all = [ask(), ask(), ask()];
  assert.equal(ends.length, 1);
  ends[0]?.resolve(1);
  await settled();
  assert.equal(ends.length, 2);
  const late = ask();
  ends[1]?.resolve(2);
  assert.deepEqual(await Promise.all(all), [1, 2, 2]);
  await settled();
  ends[2]?.resolve(3);
  assert.equal(await late, 3);
  void ask();
  assert.equal(ends.length, 4, "nothing is left over");
});

test("a run that fails does not prevent the next one, and other commands are run side by side", async () => {
  const { ends, ask } = scene();
  const failing = assert.rejects(ask(), /no/);
  const next = ask();
  void ask("other");
  assert.equal(ends.length, 2);
  ends[0]?.reject(new Error("no"));
  await failing;
  await settled();
  ends[2]?.resolve(7);
  assert.equal(await next, 7);
});
