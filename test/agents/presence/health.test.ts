import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHealth } from "../../../agents/presence/health.ts";
import { createState } from "../../../agents/presence/state.ts";
import { PresenceLoops } from "../../../agents/presence/status.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import { schema } from "../../../lib/discover/docker/schema.ts";
import { readLabelCheck } from "../../../lib/health/read-check.ts";
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
