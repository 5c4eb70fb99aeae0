import assert from "node:assert/strict";
import { test } from "node:test";
import { createState } from "../../../agents/presence/state.ts";
import { PresenceLoops, presenceFacts, trackedCheck } from "../../../agents/presence/status.ts";
import { Cell } from "../../../lib/base/cell.ts";
import { SharingMap } from "../../../lib/base/sharing-map.ts";
import { never } from "../../../lib/base/signal.ts";
import type { Check, Health } from "../../../lib/health/contract.ts";
import { Liveness } from "../../../lib/status/liveness.ts";
import { ManualClock } from "../../support/manual-clock.ts";

test("a probe that does not end stalls its loop, however many others succeed", async () => {
  const clock = new ManualClock();
  const loop = new Liveness("health checks", clock);
  const isStalled = () => (loop.facts().dueMs ?? Infinity) < clock.now();
  const stuck = Promise.withResolvers<{ ok: true; tookMs: number }>();
  const check = (probe: Check["probe"]) => trackedCheck({ title: "x", probe }, 500, loop, () => {});
  const probing = check(() => stuck.promise).probe(never);
  const quick = check(async () => ({ ok: true, tookMs: 1 }));
  for (let i = 0; i < 10; i += 1) {
    await clock.advance(1000);
    await quick.probe(never);
  }
  assert.equal(isStalled(), false);
  await clock.advance(501);
  assert.equal(isStalled(), true);
  stuck.resolve({ ok: true, tookMs: 1 });
  await probing;
  assert.equal(isStalled(), false);
});

test("instances are reported with their verdict, their reason, and whether they are registered", () => {
  const at = (id: string) => ({ service: "web", id, host: "10.0.0.1", port: 80 });
  const failing = {
    title: "tcp 10.0.0.1:80",
    verdict: "down",
    against: 0,
    why: "refused",
    sinceMs: 0,
  } as const;
  const health = SharingMap.of<Health>([
    ["web/a", { verdict: "up", checks: [] }],
    ["web/b", { verdict: "down", checks: [failing] }],
  ]);
  const up = (id: string) => ({ instance: at(id), checks: [], standing: { state: "up" } as const });
  const paused = { ...up("d"), standing: { state: "down", why: "it is paused" } as const };
  const quarantined = [{ what: "container x", why: "SERVICE_NAME is empty", sinceMs: 5 }];
  const found = { found: [up("a"), up("b"), up("c"), paused], quarantined, isComplete: true };
  const { presence } = presenceFacts(
    { prefix: "/services" },
    {
      ...createState(),
      found: new Cell(found),
      health: new Cell(health),
      confirmed: new Cell(new Set(["/services/web/a"])),
      everConfirmed: new Cell(new Set(["/services/web/a", "/services/web/c"])),
    },
    {
      draining: new Map([["web/a", { reason: "request", sinceMs: 500, untilMs: 1000 }]]),
      weights: new Map([
        ["web/a", { weight: 20, sinceMs: 400 }],
        ["web/c", { weight: 30, run: "another", sinceMs: 400 }],
      ]),
      waitingFor: new Map([["web/a", ["front"]]]),
    },
    new PresenceLoops(new Cell({}), new ManualClock()),
  );
  assert.deepEqual(presence?.quarantined, quarantined);
  assert.deepEqual(presence?.instances, [
    {
      name: "web/a",
      verdict: "up",
      why: "",
      sinceMs: undefined,
      wasRegistered: true,
      registered: true,
      draining: true,
      drain: { reason: "request", sinceMs: 500, untilMs: 1000, waitingFor: ["front"] },
      requestedWeight: { weight: 20, sinceMs: 400 },
    },
    {
      name: "web/b",
      verdict: "down",
      why: "tcp 10.0.0.1:80: refused",
      sinceMs: 0,
      wasRegistered: false,
      registered: false,
      draining: false,
    },
    {
      name: "web/c",
      verdict: "unknown",
      why: "",
      sinceMs: undefined,
      wasRegistered: true,
      registered: false,
      draining: false,
    },
    {
      name: "web/d",
      verdict: "down",
      why: "it is paused",
      sinceMs: undefined,
      wasRegistered: false,
      registered: false,
      draining: false,
    },
  ]);
});

test("the list of instances, which may be long, is not made before it is read, and then once", () => {
  const instance = { service: "web", id: "a", host: "10.0.0.1", port: 80 };
  const up = { instance, checks: [], standing: { state: "up" } as const };
  let looks = 0;
  const counted = {
    has: () => {
      looks += 1;
      return true;
    },
  };
  const { presence } = presenceFacts(
    { prefix: "/services" },
    {
      ...createState(),
      found: new Cell({ found: [up], quarantined: [], isComplete: true }),
      health: new Cell(SharingMap.of<Health>([])),
      everConfirmed: new Cell(new Set<string>()),
      confirmed: new Cell(counted as unknown as Set<string>),
    },
    { draining: new Map(), weights: new Map(), waitingFor: new Map() },
    new PresenceLoops(new Cell({}), new ManualClock()),
  );
  assert.equal(presence?.isComplete, true);
  assert.equal(looks, 0);
  assert.equal(presence?.instances.length, presence?.instances.length);
  assert.equal(looks, 1);
});
