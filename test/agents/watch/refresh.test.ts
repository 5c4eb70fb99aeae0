import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

test("a file is rendered again after a while although no key has changed", async (t) => {
  let [address, lookups] = ["10.0.0.1", 0];
  const lookup = async () => {
    lookups += 1;
    return [{ address, family: 4 as const }];
  };
  const scene = await watchScene(t, {
    text: '{{join (lookupIP "db.example") ","}}\n',
    lookup,
    plan: { refreshMs: 60_000, resolve: false },
  });
  const { clock, becomes, logged, run, proxy } = scene;
  run();
  await clock.advance(0);
  await becomes("10.0.0.1\n");
  await logged("applied");
  await clock.advance(60_000);
  await eventually("it is looked up again", () => lookups === 2);
  address = "10.0.0.2";
  await eventually("the file is rendered again", async () => {
    await clock.advance(10_000);
    return (await scene.text()) === "10.0.0.2\n" || undefined;
  });
  await logged("applied", 2);
  assert.equal(proxy.attempts.length, 2, "the same text is not applied again");
});
