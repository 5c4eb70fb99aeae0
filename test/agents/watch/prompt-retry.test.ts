import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { PromptRetry } from "../../../agents/watch/prompt-retry.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { type WatchSceneOptions, watchScene } from "./scene.ts";

/** The back-off of all of these watchers, which never passes. */
const patient = { firstMs: 3_600_000, maxMs: 3_600_000 };

/** A watcher that has applied a file once. */
async function applied(t: TestContext, options: WatchSceneOptions = {}) {
  const scene = await watchScene(t, { ...options, plan: { retry: patient } });
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await scene.clock.advance(0);
  await scene.logged("applied");
  return {
    ...scene,
    /** Another instance is registered, and the keys settle. */
    change: async () => {
      await scene.register("web", "10.0.0.2:80");
      await scene.clock.advance(100);
    },
    /** Runs `work` at the very moment at which a fault is logged for the first time. */
    onFault: (work: () => void) => {
      scene.log.onEvent = (event) => {
        if (event !== "fault") return;
        scene.log.onEvent = () => {};
        work();
      };
    },
  };
}

const both = "web: 10.0.0.1:80*1 10.0.0.2:80*1\n";
/** No entry is the cause of it, so that none is searched. */
const failed = () => new Fault("PROXY_RESOURCES_EXHAUSTED", true, "it has no memory for its map");

test("a file that changes as soon as a fault is logged causes the next attempt at once", async (t) => {
  const { proxy, change, onFault, path, becomes, logged } = await applied(t);
  proxy.rejects = failed;
  onFault(() => {
    proxy.rejects = () => undefined;
    writeFileSync(path, "# mended\n");
  });
  await change();
  await becomes(both);
  await logged("applied", 2);
});

test("a file that changes long after a fault causes the next attempt within the interval of the looks", async (t) => {
  const { proxy, change, path, clock, logged, text } = await applied(t);
  proxy.rejects = failed;
  await change();
  await logged("fault");
  proxy.rejects = () => undefined;
  await writeFile(path, "# mended\n");
  await eventually("it is applied", async () => {
    await clock.advance(500);
    return (await text()) === both;
  });
});

test("a folder that is back as soon as a fault is logged causes the next attempt at once", async (t) => {
  const { change, onFault, path, becomes, logged } = await applied(t, { target: "etc/out" });
  const [etc, away] = [dirname(path), `${dirname(path)}.away`];
  await rename(etc, away);
  onFault(() => renameSync(away, etc));
  await change();
  await becomes(both);
  await logged("applied", 2);
});

test("a file that changes while an attempt runs that fails causes another one at once", async (t) => {
  const { proxy, agent, path, attempts, logged, clock } = await applied(t);
  proxy.rejects = () => {
    proxy.rejects = () => undefined;
    writeFileSync(path, "# mended\n");
    return failed();
  };
  void agent.retry(1000, never);
  await clock.advance(0);
  await attempts(3);
  await logged("drift_overwritten");
});

/** A check command that removes its candidate: the file cannot be replaced, although its folder is writable. */
async function removing(t: TestContext, condition: string) {
  const runs = join(await throwAwayFolder(t), "runs");
  const script = `echo >> ${runs}; if [ $(wc -l < ${runs}) ${condition} ]; then rm "$0"; fi`;
  const check = { run: ["sh", "-c", script, "{candidate}"], timeout: 60_000 };
  return { check, count: async () => (await readFile(runs, "utf8")).length };
}

test("a file that could not be replaced where it seems possible is replaced at once if it was only for a moment", async (t) => {
  const { check, count } = await removing(t, "-eq 2");
  const { change, becomes } = await applied(t, { check });
  await change();
  await becomes(both);
  assert.equal(await count(), 3);
});

test("a file that cannot be replaced where it seems possible is tried again once, and then with back-off", async (t) => {
  const { check, count } = await removing(t, "-gt 1");
  const { change, clock } = await applied(t, { check });
  await change();
  await eventually("two attempts", async () => (await count()) === 3);
  for (let i = 0; i < 60; i += 1) await clock.advance(500);
  assert.equal(await count(), 3);
});

test("the cause of a failure is a reason for one retry until that has failed as well", () => {
  const promptRetry = new PromptRetry("report", new ManualClock());
  const due = (failed: Parameters<PromptRetry["isDue"]>[0]["failed"], causes: string) =>
    promptRetry.isDue({ wasProxyDown: false, failed }, { files: [], isProxyDown: false, causes });
  const first = { description: "missing", isDoubtful: false };
  assert.equal(due(first, "missing"), false);
  assert.equal(due(first, "there"), true);
  assert.equal(due(first, "there"), false, "the retry has not begun");
  assert.equal(due({ ...first }, "there"), true);
  assert.equal(due({ description: "there", isDoubtful: false }, "there"), false);
  assert.equal(due(undefined, "missing"), false);
});
