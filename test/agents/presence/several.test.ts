import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createPresence } from "../../../agents/presence/agent.ts";
import { partsByKeyspace } from "../../../agents/presence/by-keyspace.ts";
import { nothingRequested } from "../../../agents/presence/requested.ts";
import { joined } from "../../../agents/presence/several.ts";
import { never } from "../../../lib/base/signal.ts";
import type { PresencePlan } from "../../../lib/config/plan.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { FaultyKeyspace } from "../../support/faulty-keyspace.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";
import { drainDelayMs, service, shutdownTimeoutMs, storedIn, ttlMs } from "./scene.ts";

const file = { path: undefined, restored: nothingRequested };

/** A running agent with an instance in each of two keyspaces. */
async function scene(t: TestContext) {
  const [clock, log] = [new ManualClock(), new RecordingLog()];
  const [root, legacy] = [new MemoryStore(clock), new MemoryStore(clock)];
  const faulty = new FaultyKeyspace(legacy.open());
  const mounts = new Mounts(root.open(), new Map([["/legacy", faulty]]));
  const plan: PresencePlan = {
    ...{ ttlMs, drainDelayMs, shutdownTimeoutMs },
    ...{ prefix: "/services", format: "json", name: "host" },
    services: [service("web"), { ...service("old"), path: "/legacy/services/old" }],
  };
  const agents = partsByKeyspace(plan, mounts).map(({ mount, plan: part }) =>
    createPresence(
      part,
      { clock, log, random: () => 0, keyspace: mount.keyspace },
      file,
      mount.folder,
    ),
  );
  const agent = joined(agents);
  const { stop, ended } = running(t, agent, clock);
  await clock.advance(0);
  const keys = async (store: MemoryStore) => Object.keys(await storedIn(store, "/services"));
  return {
    agent,
    clock,
    faulty,
    stop,
    ended,
    keys: async () => [await keys(root), await keys(legacy)],
  };
}

const [ofRoot, ofLegacy] = ["/services/web/10.0.0.1:80", "/services/old/10.0.0.1:80"];

test("each instance is registered in its keyspace, and all are deregistered at the stop", async (t) => {
  const { agent, clock, keys, stop, ended } = await scene(t);
  assert.deepEqual(await keys(), [[ofRoot], [ofLegacy]]);
  const { presence, loops, keyspaceLoops, mounts } = agent.status();
  assert.deepEqual(
    presence?.instances.map(({ name, registered }) => [name, registered]),
    [
      ["web/10.0.0.1:80", true],
      ["old/10.0.0.1:80", true],
    ],
  );
  assert.equal(new Set(loops.map(({ name }) => name)).size, loops.length);
  assert.equal(keyspaceLoops.length, 1);
  assert.deepEqual(
    mounts?.map(({ folder }) => folder),
    ["/legacy"],
  );
  stop();
  await clock.advance(drainDelayMs);
  await ended;
  assert.deepEqual(await keys(), [[], []]);
});

test("a request goes to the agents that have the instances", async (t) => {
  const { agent, clock, keys } = await scene(t);
  const names = ["old/10.0.0.1:80", "web/10.0.0.1:80"];
  const weighed = agent.operations.weigh({ names, weight: 7 }, never);
  await clock.advance(0);
  const { instances } = await weighed;
  assert.deepEqual(instances.map(({ name, weight }) => `${name} ${weight}`).sort(), [
    "old/10.0.0.1:80 7",
    "web/10.0.0.1:80 7",
  ]);
  const drained = agent.operations.drain(
    { names: names.slice(0, 1), forMs: 1000, wait: false },
    never,
  );
  await clock.advance(1000);
  assert.deepEqual(await drained, { drained: ["old/10.0.0.1:80"], cancelled: [], missing: [] });
  assert.deepEqual(await keys(), [[ofRoot], []]);
  const undrained = agent.operations.undrain(names, never);
  await clock.advance(0);
  assert.equal((await undrained).instances.length, 2);
  assert.deepEqual(await keys(), [[ofRoot], [ofLegacy]]);
});

test("a keyspace that is unreachable delays no other", async (t) => {
  const { agent, clock, faulty, keys, stop, ended } = await scene(t);
  faulty.disconnect();
  const names = ["web/10.0.0.1:80"];
  const drained = agent.operations.drain({ names, forMs: 1000, wait: false }, never);
  await clock.advance(1000);
  assert.deepEqual((await drained).drained, names);
  assert.deepEqual(await keys(), [[], [ofLegacy]]);
  const states = agent.status().mounts?.flatMap(({ loops }) => loops.map(({ state }) => state));
  assert.deepEqual(states, ["failing"]);
  faulty.reconnect();
  stop();
  await clock.advance(shutdownTimeoutMs);
  await ended;
});
