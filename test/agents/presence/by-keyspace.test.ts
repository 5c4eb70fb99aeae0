import assert from "node:assert/strict";
import { test } from "node:test";
import { partsByKeyspace } from "../../../agents/presence/by-keyspace.ts";
import type { PresencePlan } from "../../../lib/config/plan.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { Mounts } from "../../../lib/keyspace/mounts/mounts.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { service } from "./scene.ts";

const store = new MemoryStore(new ManualClock());
const open = () => store.open();
const several = new Mounts(
  open(),
  new Map([
    ["/legacy", open()],
    ["/unused", open()],
  ]),
);

const plan: PresencePlan = {
  ...{ ttlMs: 1, drainDelayMs: 1, shutdownTimeoutMs: 1 },
  ...{ prefix: "/services", format: "json", name: "host", heartbeat: "/run/beat" },
  services: [service("web"), { ...service("old"), path: "/legacy/nerve/old" }],
};

function described(part: PresencePlan, mounts: Mounts) {
  return partsByKeyspace(part, mounts).map(
    ({ mount, plan: { prefix, services, docker, heartbeat } }) => [
      mount.folder,
      prefix,
      services.map(({ name, path }) => `${name} ${path ?? "-"}`),
      ...(docker ? ["docker"] : []),
      ...(heartbeat === undefined ? [] : [heartbeat]),
    ],
  );
}

test("with one keyspace, there is one part: the plan itself", () => {
  const [part, ...more] = partsByKeyspace(plan, new Mounts(open()));
  assert.equal(part?.plan, plan);
  assert.deepEqual(more, []);
});

test("each keyspace with services has a part, with the folders as they are there", () => {
  assert.deepEqual(described(plan, several), [
    ["", "/services", ["web -"], "/run/beat"],
    ["/legacy", "/services", ["old /nerve/old"]],
  ]);
});

test("services of one mounted keyspace alone need no other", () => {
  const { services } = plan;
  assert.deepEqual(described({ ...plan, services: services.slice(1) }, several), [
    ["/legacy", "/services", ["old /nerve/old"], "/run/beat"],
  ]);
});

test("the folder of all services may be in a mounted keyspace, and containers are registered there", () => {
  const docker = { socket: "/d" } as NonNullable<PresencePlan["docker"]>;
  assert.deepEqual(described({ ...plan, prefix: "/legacy/services", docker }, several), [
    ["/legacy", "/services", ["web -", "old /nerve/old"], "docker", "/run/beat"],
  ]);
});
