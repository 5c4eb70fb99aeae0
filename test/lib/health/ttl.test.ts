import assert from "node:assert/strict";
import { rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { checkSchema, createCheck } from "../../../lib/health/kinds.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";

const target = { host: "10.0.0.1", port: 80 };

/** The file of an application and a check of it; `touch` sets its time to a number of seconds ago. */
async function scene(t: TestContext, more: object = {}) {
  const file = join(await throwAwayFolder(t), "alive");
  const clock = new ManualClock();
  const config = checkSchema.parse({ type: "ttl", file, ...more });
  const check = createCheck(config, target, { clock });
  return {
    file,
    check,
    touch: async (agoS = 0) => {
      await writeFile(file, "");
      const at = Date.now() / 1000 - agoS;
      await utimes(file, at, at);
    },
    after: async (ms: number) => {
      await clock.advance(ms);
      const reading = await check.probe(never);
      return reading.ok ? "healthy" : reading.why;
    },
  };
}

test("a file is healthy for the configured time after it was touched", async (t) => {
  const { file, check, touch, after } = await scene(t, { within: "30s" });
  const stale = `${file} was not touched for more than 30s`;
  assert.equal(check.title, `ttl ${file} within 30s`);
  await touch(20);
  assert.equal(await after(0), "healthy");
  assert.equal(await after(8_000), "healthy");
  assert.equal(await after(3_000), stale);
  await touch();
  assert.equal(await after(1_000), "healthy");
  assert.equal(await after(29_000), "healthy");
  assert.equal(await after(2_000), stale);
});

test("a file that is stale at the first probe is unhealthy", async (t) => {
  const { file, touch, after } = await scene(t);
  await touch(60);
  assert.equal(await after(0), `${file} was not touched for more than 10s`);
});

test("a missing file is a reading that names it", async (t) => {
  const { file, touch, after } = await scene(t);
  assert.match(await after(0), new RegExp(`ENOENT.*${file}`));
  await touch();
  assert.equal(await after(0), "healthy");
  await rm(file);
  assert.match(await after(0), /ENOENT/);
});

test("a time in the future does not keep a file healthy", async (t) => {
  const { touch, after } = await scene(t);
  await touch(-3600);
  assert.equal(await after(0), "healthy");
  assert.match(await after(11_000), /not touched/);
});

test("setting the clock back or forward does not make an active application unhealthy", async (t) => {
  const { touch, after } = await scene(t);
  await touch();
  assert.equal(await after(0), "healthy");
  for (const agoS of [3600, -3600, 3601, 7200]) {
    await touch(agoS);
    assert.equal(await after(5_000), "healthy", `${agoS} s`);
  }
  assert.equal(await after(5_000), "healthy");
  assert.match(await after(5_001), /not touched/);
});

test("rise and fall are 1 by default", async (t) => {
  const { file } = await scene(t);
  const config = checkSchema.parse({ type: "ttl", file });
  assert.deepEqual([config.rise, config.fall, config.interval], [1, 1, 1000]);
  for (const invalid of [{}, { file, within: "0s" }, { file: "" }, { file, port: 80 }]) {
    assert.equal(checkSchema.safeParse({ type: "ttl", ...invalid }).success, false);
  }
});
