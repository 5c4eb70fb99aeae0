import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { eventually } from "../support/process.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

/** The folder that a demo runs in, from its output. */
function folderOf(output: string): string {
  return /(\/\S*sidekick-demo-\w+)\/sidekick\.yaml/.exec(output)?.[1] ?? "";
}

/** The command lines of the processes that have the folder in their arguments. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
  return (await Promise.all(lines)).filter((line) => line.includes(folder));
}

for (const proxy of ["haproxy", "nginx", "none"]) {
  test(`the demo with ${proxy} runs to its end and leaves nothing behind`, async (t) => {
    const { code, output } = await sidekick(t, ["demo", "--once", "--proxy", proxy]);
    assert.equal(code, 0, output);
    const steps = output.split("\n").filter((line) => line.includes("✔"));
    assert.equal(steps.length, proxy === "none" ? 7 : 9, output);
    if (proxy !== "none") assert.match(output, /requests so far: \d+ served .*, 0 failed/);
    assert.equal(existsSync(folderOf(output)), false);
    assert.deepEqual(await processesOf(folderOf(output)), []);
  });
}

for (const [moment, seen] of [
  ["at the beginning", "a sidekick starts"],
  ["in the middle", "is killed"],
] as const) {
  test(`Ctrl-C ${moment} ends the demo and leaves nothing behind`, async (t) => {
    const demo = startSidekick(t, ["demo"]);
    await eventually(`it prints: ${seen}`, () => demo.output().includes(seen));
    assert.equal(await demo.stop("SIGINT"), 0, demo.output());
    const folder = folderOf(demo.output());
    assert.equal(existsSync(folder), false);
    assert.deepEqual(await processesOf(folder), []);
  });
}
