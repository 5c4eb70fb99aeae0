import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Applied } from "../../../lib/proxy/contract.ts";
import { ReloadLimiter } from "../../../lib/proxy/reload-limiter.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** The result of `apply`, and how long the next reload has to wait 100 ms later, with an interval of 1000 ms. */
const cases: readonly (readonly [string, () => Promise<Applied>, number])[] = [
  ["a reload", async () => "reloaded", 900],
  ["a reload with a reason", async () => "reloaded (more than servers changed)", 900],
  ["an adjustment without a reload", async () => "adjusted (1 server)", 0],
  ["a command", async () => "ran", 900],
  ["a rejected reload", () => failing("PROXY_REJECTED"), 900],
  ["a command that failed", () => failing("PROXY_COMMAND_FAILED"), 900],
  ["a proxy that is not running", () => failing("PROXY_NOT_RUNNING"), 0],
];

async function failing(code: string): Promise<never> {
  throw new Fault(code, true, "no");
}

for (const [title, apply, waitMs] of cases) {
  test(`after ${title}, the next reload waits ${waitMs} ms`, async () => {
    const clock = new ManualClock();
    const limiter = new ReloadLimiter(1000, clock);
    assert.equal(limiter.waitMs, 0);
    await limiter.run(apply).catch(() => {});
    await clock.advance(100);
    assert.equal(limiter.waitMs, waitMs);
    await clock.advance(900);
    assert.equal(limiter.waitMs, 0);
  });
}

test("the interval runs from the start of one reload to the start of the next", async () => {
  const clock = new ManualClock();
  const limiter = new ReloadLimiter(1000, clock);
  const reload = limiter.run(() => clock.sleep(300, never).then(() => "reloaded"));
  await clock.advance(300);
  await reload;
  assert.equal(limiter.waitMs, 700);
});

test("without an interval nothing waits", async () => {
  const limiter = new ReloadLimiter(0, new ManualClock());
  await limiter.run(async () => "reloaded");
  assert.equal(limiter.waitMs, 0);
});

test("of changes that follow one another, the first is reloaded at once, the others after a pause", async () => {
  const clock = new ManualClock();
  const limiter = new ReloadLimiter(0, clock, { quietMs: 50, atMostMs: 200 });
  await clock.advance(1000);
  limiter.changed();
  assert.equal(limiter.waitMs, 0);
  await limiter.run(async () => "reloaded");
  await clock.advance(20);
  limiter.changed();
  assert.equal(limiter.waitMs, 50);
  await clock.advance(30);
  limiter.changed();
  assert.equal(limiter.waitMs, 50);
  await clock.advance(50);
  assert.equal(limiter.waitMs, 0);
  await limiter.run(async () => "reloaded");
  limiter.changed();
  assert.equal(limiter.waitMs, 0, "the next one after a pause");
});

test("changes without a pause are reloaded after the maximum time", async () => {
  const clock = new ManualClock();
  const limiter = new ReloadLimiter(0, clock, { quietMs: 50, atMostMs: 200 });
  await clock.advance(1000);
  for (let i = 0; i < 8; i += 1) {
    limiter.changed();
    await clock.advance(30);
  }
  assert.equal(limiter.waitMs, 0);
  await limiter.run(async () => "reloaded");
  limiter.changed();
  assert.equal(limiter.waitMs, 50, "a reload begins anew");
});
