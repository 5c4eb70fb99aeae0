import { test } from "node:test";
import { eventually } from "../support/process.ts";
import { disturbances } from "./disturbances.ts";
import { refusalScene } from "./refusal-scene.ts";
import { reportsAsDocumented } from "./states.ts";

for (const { what, kinds, inject, ...setting } of disturbances) {
  for (const kind of kinds) {
    test(`${kind}: ${what}, with the reports that docs/states.md documents`, async (t) => {
      const scene = await refusalScene(t, kind, setting);
      await eventually("the agent is healthy before", scene.isHealthy);
      const before = scene.log().length;
      const repair = await inject(scene);
      await reportsAsDocumented(what, scene, () => scene.log().slice(before));
      await repair();
      await eventually("nothing is left of it", scene.isHealthy);
    });
  }
}
