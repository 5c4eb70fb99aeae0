import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ApplyDeps, apply } from "../../../agents/watch/apply.ts";
import { openGroups } from "../../../agents/watch/groups.ts";
import { watchOnce } from "../../../agents/watch/once.ts";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import type { WatchPlan } from "../../../lib/config/plan.ts";
import { createEnvKeyspace } from "../../../lib/keyspace/env/keyspace.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { emptyPools } from "../../../lib/view/pools.ts";
import { planFrom } from "../../lib/config/problems-of.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

/** Two files that a command reads, which counts its runs in the file `runs`, and fails where there is a file `fails`. */
async function scene(t: TestContext, isApart: boolean) {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "t.hbs"), 'text {{getenv "N" "0"}}\n');
  const shell = `echo >> ${folder}/runs; test ! -e ${folder}/fails`;
  const { watch } = planFrom(`watch:
  resolve: false
  templates:
    - { source: ${folder}/t.hbs, target: ${folder}/a, proxy: &command { type: command, shell: "${shell}", keepFiles: true } }
    - { source: ${folder}/t.hbs, target: ${folder}/b, proxy: *command }`);
  assert.ok(watch);
  const templates = watch.templates.map((template) => ({ ...template, isApart }));
  const plan: WatchPlan = { ...watch, templates };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const deps = (env = {}) => ({
    ...{ clock: systemClock, random: () => 0, log: new RecordingLog(), resolver, env },
    ...{ shipped: folder, mounts: new Mounts(createEnvKeyspace({})) },
  });
  const read = async (name: string) => await readFile(join(folder, name), "utf8").catch(() => "");
  return {
    ...{ folder, plan, deps, read },
    runs: async () => (await read("runs")).length,
    once: (env = {}) => watchOnce(plan, 60_000, deps(env), never),
  };
}

test("a command that fails keeps the new files, and is run again by the same process", async (t) => {
  const { folder, plan, deps, read, runs } = await scene(t, false);
  await writeFile(join(folder, "fails"), "");
  const [group] = await openGroups(plan, deps());
  assert.ok(group);
  const pools = emptyPools("/services");
  const again = () => apply(group, pools, deps() satisfies ApplyDeps, never);
  await assert.rejects(again(), { code: "PROXY_COMMAND_FAILED" });
  assert.deepEqual([await read("a"), await read("b")], ["text 0\n", "text 0\n"]);
  await assert.rejects(again(), { code: "PROXY_COMMAND_FAILED" });
  await rm(join(folder, "fails"));
  assert.deepEqual(await again(), { kind: "applied", changed: [], foreign: [], applied: "ran" });
  assert.deepEqual(await again(), { kind: "same" });
  assert.equal(await runs(), 3);
});

test("a command is not run for files that are in place already, and is run after a change", async (t) => {
  const { once, runs, read } = await scene(t, false);
  await once();
  await once();
  assert.equal(await runs(), 1);
  await once({ N: "1" });
  assert.deepEqual([await runs(), await read("b")], [2, "text 1\n"]);
});

test("files that are changed apart each have their way, and share runs of the command", async (t) => {
  const { once, plan, deps, folder, runs, read } = await scene(t, true);
  assert.equal((await openGroups(plan, deps())).length, 2);
  await writeFile(join(folder, "b"), "before\n");
  const [first] = plan.templates;
  assert.ok(first);
  const broken = {
    ...first,
    target: { ...first.target, check: { run: ["false"], timeout: 60_000 } },
  };
  const templates = [broken, ...plan.templates.slice(1)];
  await assert.rejects(
    watchOnce({ ...plan, templates }, 60_000, deps(), never),
    /the check command of/,
  );
  assert.deepEqual([await read("a"), await read("b"), await runs()], ["", "text 0\n", 1]);
  await once({ N: "1" });
  assert.ok((await runs()) <= 3);
});
