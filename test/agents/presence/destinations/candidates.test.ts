import assert from "node:assert/strict";
import { test } from "node:test";
import { keepCandidates } from "../../../../agents/presence/destinations/candidates.ts";
import { createState } from "../../../../agents/presence/state.ts";
import { Cell } from "../../../../lib/base/cell.ts";
import { SharingMap } from "../../../../lib/base/sharing-map.ts";
import { untilAborted } from "../../../../lib/base/signal.ts";
import type { FoundInstance } from "../../../../lib/discover/contract.ts";
import type { Health } from "../../../../lib/health/contract.ts";
import type { CheckConfig } from "../../../../lib/health/kinds.ts";
import type { Verdict } from "../../../../lib/model/verdict.ts";
import type { InstanceDrain, Requested } from "../../../../lib/presence/contract.ts";
import { ManualClock } from "../../../support/manual-clock.ts";

const name = "web/a";

/** The wish for an instance, as long after the begin as `atMs`. */
async function wishFor(
  {
    verdict,
    standing = "up",
    drain,
  }: {
    readonly verdict?: Verdict;
    readonly standing?: "up" | "down" | "draining";
    readonly drain?: Omit<InstanceDrain, "run">;
  },
  atMs = 0,
): Promise<string | undefined> {
  const clock = new ManualClock();
  const state = createState();
  const applied = new Cell<Requested>({
    draining: new Map(drain ? [[name, drain]] : []),
    weights: new Map(),
  });
  const one = {
    instance: { service: "web", id: "a", host: "10.0.0.1", port: 80 },
    ...{ checks: [], standing: { state: standing, why: "" } },
  } as unknown as FoundInstance<CheckConfig>;
  state.found.set({ found: [one], quarantined: [], isComplete: true });
  if (verdict) state.health.set(SharingMap.of([[name, { verdict } as Health]]));
  const stopping = new AbortController();
  const { signal } = stopping;
  const keeping = untilAborted(signal, keepCandidates({ ...state, applied }, clock, signal));
  await clock.advance(atMs);
  stopping.abort();
  await keeping;
  return state.candidates.value.candidates[0]?.wish;
}

test("a verdict decides, and one that is not known leaves the instance as it is", async () => {
  assert.equal(await wishFor({ verdict: "up" }), "register");
  assert.equal(await wishFor({ verdict: "down" }), "removeUnhealthy");
  assert.equal(await wishFor({ verdict: "unknown" }), "keep");
  assert.equal(await wishFor({}), "keep");
});

test("an instance whose container is stopped is removed, whatever else is healthy", async () => {
  assert.equal(await wishFor({ verdict: "down", standing: "down" }), "remove");
  assert.equal(await wishFor({ verdict: "up", standing: "down" }), "remove");
});

test("a drain ends with its time, and is no matter of health", async () => {
  const drain = { reason: "request", sinceMs: 0, untilMs: 1000 } as const;
  assert.equal(await wishFor({ verdict: "up", drain }), "drain");
  assert.equal(await wishFor({ verdict: "up", drain }, 1000), "remove");
  assert.equal(await wishFor({ verdict: "down", drain }), "remove");
});

test("an instance that the shutdown leaves to another agent stays; one that had been drained does not", async () => {
  const shutdown = { reason: "shutdown", sinceMs: 5, untilMs: 5 } as const;
  assert.equal(await wishFor({ verdict: "up", drain: shutdown }, 10), "keep");
  assert.equal(await wishFor({ verdict: "up", drain: { ...shutdown, untilMs: 3 } }, 10), "remove");
});
