import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { StartFiles } from "../../../agents/exec/start-files.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Generation } from "../../../lib/journal/contract.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

/** Two groups of files in a folder, with what became of waiting for them. */
async function scene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [a, b] = [join(folder, "a"), join(folder, "b")];
  const groups = [
    { title: "a", targets: [a] },
    { title: "b", targets: [b] },
  ];
  const clock = new ManualClock();
  const files = new StartFiles();
  const waited: (readonly string[])[] = [];
  let earlier: readonly string[] | undefined;
  const onWaiting = (targets: readonly string[]) => void waited.push(targets);
  void files.ready(groups, onWaiting, clock, never).then((targets) => {
    earlier = targets;
  });
  const fact = (group: string, how: Generation["how"], code?: string) =>
    files.onFact({
      ...{ group, how },
      ...(code !== undefined && { refused: { code, message: "", keys: [] } }),
    });
  const isReady = () => eventually("the files are ready", () => earlier !== undefined);
  return { a, b, clock, waited, fact, isReady, earlier: () => earlier };
}

test("a program waits until each file is written, also for a proxy that does not run yet", async (t) => {
  const { clock, fact, earlier, isReady } = await scene(t);
  fact("a", "written");
  fact("b", "deferred");
  await clock.advance(9000);
  assert.equal(earlier(), undefined);
  fact("b", "failed", "PROXY_NOT_RUNNING");
  await isReady();
  assert.deepEqual(earlier(), []);
});

test("a refused file does not hold up a program that has an earlier one, and does without", async (t) => {
  const { b, clock, fact, earlier, isReady, waited } = await scene(t);
  fact("a", "same");
  fact("b", "refused", "INSTALL_CHECK_FAILED");
  await clock.advance(9000);
  assert.equal(earlier(), undefined);
  assert.deepEqual(waited, []);
  await eventually("it is reported", async () => {
    await clock.advance(1000);
    return waited.length > 0;
  });
  assert.deepEqual(waited, [[b]]);
  await writeFile(b, "restored");
  await eventually("the file is found", async () => {
    await clock.advance(1000);
    return earlier() !== undefined;
  });
  await isReady();
  assert.deepEqual(earlier(), [b]);
});

test("files of which nothing is known are waited for 10 s if earlier ones are there", async (t) => {
  const { a, b, clock, earlier, isReady } = await scene(t);
  await Promise.all([writeFile(a, ""), writeFile(b, "")]);
  await clock.advance(9000);
  assert.equal(earlier(), undefined);
  await eventually("the limit is reached", async () => {
    await clock.advance(1000);
    return earlier() !== undefined;
  });
  await isReady();
  assert.deepEqual(earlier(), [a, b]);
});
