import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../../lib/base/fault.ts";
import type { Applied } from "../../../lib/proxy/contract.ts";
import { ReloadLimiter } from "../../../lib/proxy/reload-limiter.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** What was done, and how long the next reload has to wait 100 ms later, of 1000. */
const doings: readonly (readonly [string, () => Promise<Applied>, number])[] = [
  ["a reload", async () => "reloaded", 900],
  ["a reload that says why", async () => "reloaded (more than servers changed)", 900],
  ["what needed no reload", async () => "adjusted (1 server)", 0],
  ["a command", async () => "ran", 900],
  ["a refused reload", () => failing("PROXY_REJECTED"), 900],
  ["a command that failed", () => failing("PROXY_COMMAND_FAILED"), 900],
  ["a proxy that is not running", () => failing("PROXY_NOT_RUNNING"), 0],
];

async function failing(code: string): Promise<never> {
  throw new Fault(code, true, "no");
}

for (const [what, apply, waitMs] of doings) {
  test(`after ${what}, the next reload waits ${waitMs} ms`, async () => {
    const clock = new ManualClock();
    const pace = new ReloadLimiter(1000, clock);
    assert.equal(pace.waitMs, 0);
    await pace.keep(apply).catch(() => {});
    await clock.advance(100);
    assert.equal(pace.waitMs, waitMs);
    await clock.advance(900);
    assert.equal(pace.waitMs, 0);
  });
}

test("the interval is from the beginning of one reload to that of the next", async () => {
  const clock = new ManualClock();
  const pace = new ReloadLimiter(1000, clock);
  const { signal } = new AbortController();
  const reload = pace.keep(() => clock.sleep(300, signal).then(() => "reloaded"));
  await clock.advance(300);
  await reload;
  assert.equal(pace.waitMs, 700);
});

test("without an interval nothing waits", async () => {
  const pace = new ReloadLimiter(0, new ManualClock());
  await pace.keep(async () => "reloaded");
  assert.equal(pace.waitMs, 0);
});
