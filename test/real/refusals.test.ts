import assert from "node:assert/strict";
import { test } from "node:test";
import { rowsOfRefusals } from "../project/refusals-page.ts";
import { eventually } from "../support/process.ts";
import { refusalScene } from "./refusal-scene.ts";
import { refusals } from "./refusals.ts";
import { reportsAsDocumented } from "./states.ts";

const rows = await rowsOfRefusals();

for (const { what, kinds, inject, ...setting } of refusals) {
  for (const kind of kinds) {
    test(`${kind}: ${what}, with the effect that docs/refusals.md documents`, async (t) => {
      const row = rows.find((one) => one.what === what && one.kinds.includes(kind));
      assert.ok(row, "it has a row in docs/refusals.md");
      const scene = await refusalScene(t, kind, setting);
      const before = scene.log().length;
      const log = () => scene.log().slice(before);
      const repair = await inject(scene);
      await scene.put("version", "v2");
      await eventually(`the log contains ${row.message}`, () => row.message.test(log()));
      await eventually(
        `served is ${row.served}`,
        async () => (await scene.served()) === row.served,
      );
      await eventually(
        `on disk is ${row.onDisk}`,
        async () => (await scene.onDisk()) === row.onDisk,
      );
      await eventually("status reports it", async () => row.message.test(await scene.status()));
      await reportsAsDocumented(what, scene, log);
      await repair();
      await eventually("the new version is served", async () => (await scene.served()) === "v2");
      assert.equal(await scene.onDisk(), "v2");
      await eventually("recovery is logged", () => log().includes('"event":"recovered"'));
      await eventually("it is ready", async () => (await scene.probes()).readyz === 200);
      await eventually("status is healthy", async () => / is healthy\b/.test(await scene.status()));
    });
  }
}
