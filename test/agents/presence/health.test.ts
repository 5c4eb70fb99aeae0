import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { checkHealth } from "../../../agents/presence/health.ts";
import { createState } from "../../../agents/presence/state.ts";
import { PresenceLoops } from "../../../agents/presence/status.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import { schema } from "../../../lib/discover/docker/schema.ts";
import { checkSchema } from "../../../lib/health/kinds.ts";
import { readLabelCheck } from "../../../lib/health/read-check.ts";
import { CheckTriggers } from "../../../lib/health/triggers.ts";
import { httpServer } from "../../lib/health/servers.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

/** Instances of containers with a check each, of a port at which nothing listens. */
function ofContainers(count: number) {
  const read = readLabelCheck({ type: "tcp", interval: "1s" });
  const checks = "check" in read ? [read.check] : [];
  return Array.from({ length: count }, (_, i) => {
    const instance = { service: "web", id: `c${i}`, host: "127.0.0.1", port: 1 };
    return { instance, checks, standing: { state: "up" } as const };
  });
}

/** Checks one instance, with an interval of an hour; its server is healthy. */
async function checking(t: TestContext, more: object, forAll?: boolean) {
  const server = await httpServer(t, (_request, response) => response.end("up"));
  const [clock, log, state] = [new ManualClock(), new RecordingLog(), createState()];
  const loops = new PresenceLoops(new Cell({}), clock);
  const ending = new AbortController();
  const triggers = new CheckTriggers();
  const plan = new Cell(forAll === undefined ? {} : { tripwire: forAll });
  const running = checkHealth(
    plan,
    state,
    loops,
    { clock, random: () => 0, log, triggers },
    ending.signal,
  );
  const ended = untilAborted(ending.signal, running);
  t.after(async () => {
    ending.abort();
    await ended;
  });
  const instance = { service: "web", id: "a", ...server.target };
  const checks = [checkSchema.parse({ type: "http", interval: "1h", timeout: "1m", ...more })];
  const found = [{ instance, checks, standing: { state: "up" } as const }];
  state.found.set({ found, quarantined: [], isComplete: true });
  const isNow = (verdict: string) =>
    eventually(`the instance is ${verdict}`, async () => {
      await clock.advance(0);
      return state.health.value.get("web/a")?.verdict === verdict;
    });
  await isNow("up");
  return { server, clock, log, state, triggers, isNow };
}

test("an instance whose server ends is unhealthy at once", async (t) => {
  const c = await checking(t, {});
  await eventually("its connection is kept", () => c.server.open.size === 1);
  await c.server.stop();
  await c.isNow("down");
  const { port } = c.server.target;
  const [changed] = c.log.take().filter(({ details }) => details.verdict === "down");
  assert.equal(
    changed?.message,
    `web/a is unhealthy (http GET http://127.0.0.1:${port}/: connect ECONNREFUSED 127.0.0.1:${port} ` +
      "(checked at once: it has closed an idle connection))",
  );
});

test("a server that closes idle connections is checked again, and stays healthy", async (t) => {
  const c = await checking(t, {});
  await eventually("its connection is kept", () => c.server.open.size === 1);
  const [first] = c.server.open;
  first?.destroy();
  await eventually("it was checked again", async () => {
    await c.clock.advance(0);
    return [...c.server.open].some((one) => one !== first);
  });
  const triggered = c.log.lines.filter(({ event }) => event === "check_triggered");
  assert.deepEqual(
    triggered.map(({ message }) => message),
    ["web/a is checked at once: it has closed an idle connection"],
  );
  assert.equal(c.state.health.value.get("web/a")?.verdict, "up");
});

for (const [more, forAll] of [
  [{ tripwire: false }, undefined],
  [{}, false],
  [{ type: "tcp" }, undefined],
] as const) {
  test(`no connection is kept with ${JSON.stringify([more, forAll])}`, async (t) => {
    const c = await checking(t, more, forAll);
    await eventually("its connection is closed", () => c.server.open.size === 0);
    await c.server.stop();
    c.triggers.trigger("web/a", "in doubt");
    await c.isNow("down");
  });
}

test("the agent is degraded while checks of labels run less often than asked for, and not any longer", async (t) => {
  const [clock, log, state] = [new ManualClock(), new RecordingLog(), createState()];
  const loops = new PresenceLoops(new Cell({ docker: schema.parse({}) }), clock);
  const ending = new AbortController();
  const deps = { clock, random: () => 0, log };
  const running = checkHealth(new Cell({}), state, loops, deps, ending.signal);
  const ended = untilAborted(ending.signal, running);
  t.after(async () => {
    ending.abort();
    await ended;
  });
  const becomes = (expected: string) =>
    eventually(`the checks of labels are ${expected}`, async () => {
      await clock.advance(10);
      return loops.labelChecks?.facts().state === expected;
    });
  state.found.set({ found: ofContainers(1500), quarantined: [], isComplete: true });
  await becomes("failing");
  const facts = loops.all.find(({ name }) => name === "checks of containers' labels")?.facts();
  assert.equal(facts?.fault?.code, "AGENT_LABEL_CHECKS_DELAYED");
  assert.equal(facts?.dueMs, Infinity, "it is no stalled loop");
  state.found.set({ found: ofContainers(10), quarantined: [], isComplete: true });
  await becomes("ok");
  const delays = log.events.filter((event) => event.startsWith("label_checks"));
  assert.deepEqual(delays.slice(0, 1), ["label_checks_delayed"]);
  assert.equal(delays.at(-1), "label_checks_on_time");
});
