import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../support/process.ts";
import { kinds, policiesScene } from "./policies-scene.ts";

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name}: a new server gets ever more requests, and another zone none, without a reload`, async (t) => {
    const policies = {
      slowStart: { window: "5s" },
      zones: { value: "a" },
    };
    const { put, watchOnce, start, watch, explain, share, text } = await policiesScene(
      t,
      kind,
      policies,
    );
    for (const n of [2, 3, 4]) await put(n, "a");
    await put(9, "b");
    await watchOnce();
    const { process } = await start();
    const watcher = watch();
    const applied = () => [...watcher.output().matchAll(/"event":"applied"/g)].length;
    await eventually("it is in sync", () => applied() > 0);
    const worker = await process();
    await put(5, "a");
    const weightOf = async (n: number) => {
      const [, weight] =
        new RegExp(`[ "]127\\.0\\.0\\.${n}:\\d+ weight[ =](\\d+)`).exec(await text()) ?? [];
      return weight === undefined ? undefined : Number(weight);
    };
    await eventually("the new one has a part", async () => (await weightOf(5)) !== undefined);
    const first = await share(5, 60);
    assert.match(
      await explain(5),
      /has it with weight \d+ of 256: (slow start \S+ of 5s; )?zone a is preferred/,
    );
    assert.match(await explain(9), /lacks it: zone b: zone a has enough/);
    await eventually("it has all of its weight", async () => (await weightOf(5)) === 256);
    const last = await share(5, 40);
    assert.ok(Math.abs(last - 0.25) < 0.03, `${last}`);
    assert.ok(first <= last, `${first} and ${last}`);
    assert.equal(await share(9, 8), 0);
    assert.equal(await process(), worker, "without a reload");
    const [, ...later] = [...watcher.output().matchAll(/"applied":"(\w+)/g)].map(([, how]) => how);
    assert.deepEqual([...new Set(later)], ["adjusted"]);
  });
}
