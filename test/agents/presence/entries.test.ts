import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { keepDesired } from "../../../agents/presence/entries.ts";
import { createState } from "../../../agents/presence/state.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import type { Health } from "../../../lib/health/contract.ts";
import type { Requested } from "../../../lib/presence/contract.ts";
import { Liveness } from "../../../lib/status/liveness.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { atEnd } from "../../support/process.ts";

/** The step alone: the test sets what discovery finds and what the checks conclude, in any order. */
function scene(t: TestContext) {
  const [clock, state, ending] = [new ManualClock(), createState(), new AbortController()];
  const applied = new Cell<Requested>({ draining: new Map(), weights: new Map() });
  const registration = new Liveness("registering", clock);
  const working = keepDesired(
    new Cell({ prefix: "/services", format: "json" as const }),
    { ...state, applied },
    { clock, registration },
    ending.signal,
  );
  const ended = untilAborted(ending.signal, working);
  atEnd(t, async () => {
    ending.abort();
    await ended;
  });
  const find = async (...ids: readonly string[]) => {
    const found = ids.map((id) => ({
      instance: { service: "web", id, host: "10.0.0.1", port: 80 },
      ...{ checks: [], standing: { state: "up" as const }, run: "1" },
    }));
    state.found.set({ found, quarantined: [], isComplete: true });
    await clock.advance(0);
  };
  const conclude = async (verdicts: Readonly<Record<string, Health["verdict"]>>) => {
    const all = Object.entries(verdicts).map(
      ([id, verdict]) => [`web/${id}`, { verdict, checks: [] }] as const,
    );
    state.health.set(SharingMap.of(all));
    await clock.advance(0);
  };
  return { find, conclude, desired: () => [...state.desired.value.keys()] };
}

test("a renamed instance keeps its entry until its health is known under the new name, however late that is", async (t) => {
  const { find, conclude, desired } = scene(t);
  await find("old");
  await conclude({ old: "up" });
  assert.deepEqual(desired(), ["/services/web/old"]);
  await find("new");
  assert.deepEqual(desired(), ["/services/web/old"]);
  await find("newest");
  await conclude({ old: "up" });
  assert.deepEqual(desired(), ["/services/web/old"]);
  await conclude({ newest: "up" });
  assert.deepEqual(desired(), ["/services/web/newest"]);
  await conclude({ newest: "down" });
  assert.deepEqual(desired(), []);
});

test("a renamed instance that turns out to be unhealthy meanwhile is not registered, and neither is one that is gone", async (t) => {
  const { find, conclude, desired } = scene(t);
  await find("old");
  await conclude({ old: "up" });
  await find("new");
  await conclude({ old: "down" });
  assert.deepEqual(desired(), []);
  await conclude({ old: "up" });
  assert.deepEqual(desired(), ["/services/web/old"]);
  await find();
  assert.deepEqual(desired(), []);
});
