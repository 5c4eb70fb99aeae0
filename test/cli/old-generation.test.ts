import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { start } from "../support/process.ts";
import { root } from "../support/sources.ts";

/** Makes objects that live for a while, on top of 40 MB in use, and prints the most that the heap took, in MB. */
const program = `
import { memoryUsage } from "node:process";
import { limitOldGeneration } from ${JSON.stringify(join(root, "cli/old-generation.ts"))};
limitOldGeneration(process.env.COMMAND, process.execArgv.join(" "));
const used = Array.from({ length: 400_000 }, (_, i) => ({ i, text: [i] }));
let most = 0;
let recent = [];
for (let i = 0; i < 6e6; i += 1) {
  recent.push([i, i]);
  if (recent.length === 100_000) {
    recent = [];
    most = Math.max(most, memoryUsage().heapTotal);
  }
}
console.log(most / 2 ** 20, used.length);
`;

async function mostMb(t: TestContext, command: string, ...options: readonly string[]) {
  const argv = [process.execPath, "--single-threaded-gc", "--max-semi-space-size=1", ...options];
  const env = { COMMAND: command };
  const running = start(t, [...argv, "--input-type=module", "-e", program], { env });
  await running.ended;
  const most = Number.parseFloat(running.output());
  assert.ok(most > 0, running.output());
  return most;
}

test("the old objects of presence are collected earlier than those of other commands", async (t) => {
  const watch = await mostMb(t, "watch");
  const presence = await mostMb(t, "presence");
  assert.ok(presence < watch, `${presence} MB, ${watch} MB with watch`);
  const given = await mostMb(t, "presence", "--heap-growing-percent=300");
  assert.ok(given > presence, `${given} MB with an option, ${presence} MB without`);
});
