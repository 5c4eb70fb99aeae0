import assert from "node:assert/strict";
import { test } from "node:test";
import { watchOwnKeys } from "../../../agents/presence/own-keys.ts";
import { createState } from "../../../agents/presence/state.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import type { FoundInstance } from "../../../lib/discover/contract.ts";
import type { CheckConfig } from "../../../lib/health/kinds.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

const found = (...services: readonly string[]) => ({
  found: services.map(
    (service): FoundInstance<CheckConfig> => ({
      instance: { service, id: "a", host: "10.0.0.1", port: 80 },
      ...{ checks: [], standing: { state: "up" } },
    }),
  ),
  ...{ quarantined: [], isComplete: true },
});

test("the folder of a service that is found later is watched as well, and stays watched", async (t) => {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const store = new MemoryStore(clock);
  const keyspace = new FaultyKeyspace(store.open());
  const state = createState();
  const reporter = new FaultReports("memory:", log, clock).reporter();
  const deps = { clock, random: () => 0 };
  const { observed } = state;
  const read = { keyspace, observed };
  const own = { found: state.found, observed, reporter };
  const run = (signal: AbortSignal) =>
    watchOwnKeys(new Cell({ prefix: "/services" }), read, own, deps, signal);
  running(t, { run }, clock);
  for (const service of ["web", "db", "other"]) store.write(`/services/${service}/x`, "1");
  const keys = () => (state.observed.value?.chunks ?? []).flat().map(({ key }) => key);
  await clock.advance(0);
  assert.equal(keyspace.watched, 0, "there is nothing to watch yet");
  state.found.set(found("web"));
  await clock.advance(0);
  assert.deepEqual(keys(), ["/services/web/x"]);
  state.found.set(found("db"));
  await clock.advance(0);
  assert.deepEqual(keys(), ["/services/db/x", "/services/web/x"]);
  state.found.set(found("web", "db"));
  await clock.advance(0);
  assert.equal(keyspace.watched, 2, "a known folder is no reason to watch again");
});
