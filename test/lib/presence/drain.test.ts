import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Draining,
  DrainReason,
  InstanceDrain,
  Present,
} from "../../../lib/presence/contract.ts";
import {
  drainingAfter,
  drainingWith,
  markedAt,
  nextDeadlineMs,
  toRegister,
} from "../../../lib/presence/drain.ts";

const at = (id: string, state: Present["standing"]["state"] = "up"): Present => ({
  instance: { service: "web", id, host: "10.0.0.1", port: 80, weight: 10 },
  standing: { state },
});
const drain = (
  untilMs: number,
  reason: DrainReason = "request",
  run?: string,
  sinceMs = 0,
): InstanceDrain => ({ reason, ...(run !== undefined && { run }), sinceMs, untilMs });
/** The drains, and no requested weights. */
const only = (draining: Draining) => ({ draining, weights: new Map() });
const all = (...found: readonly Present[]) => ({ found, isComplete: true });
const until = (untilMs: number, sinceMs = 0) => ({ sinceMs, untilMs });
const [a, b, c] = [at("a"), at("b"), at("c", "down")];

test("a draining instance has weight 0 until its drain ends; one that discovery reports down is skipped", () => {
  const draining = new Map([["web/b", drain(1000)]]);
  const weights = (nowMs: number) =>
    toRegister([a, b, c], only(draining), nowMs, "json").map(({ id, weight }) => `${id} ${weight}`);
  assert.deepEqual(weights(999), ["a 10", "b 0"]);
  assert.deepEqual(weights(1000), ["a 10"]);
});

test("in a format without weights, a draining instance is skipped at once", () => {
  const ids = toRegister([a, b], only(new Map([["web/b", drain(1000)]])), 0, "address").map(
    ({ id }) => id,
  );
  assert.deepEqual(ids, ["a"]);
});

test("unchanged instances keep their identity, draining or not", () => {
  const draining = new Map([["web/b", drain(1000)]]);
  const [one, two] = [
    toRegister([a, b], only(draining), 0, "json"),
    toRegister([b, a], only(draining), 1, "json"),
  ];
  assert.equal(one[0], a.instance);
  assert.equal(one[1], two[0]);
  assert.notEqual(one[1], b.instance);
});

test("an instance reported as draining drains once; a drain lasts as long as the instance is present", () => {
  const ending = at("a", "draining");
  const first = drainingAfter(new Map([["web/b", drain(70)]]), all(ending, b), 1000, 50);
  assert.deepEqual(
    [...first],
    [
      ["web/a", drain(1050, "stop", undefined, 50)],
      ["web/b", drain(70)],
    ],
  );
  assert.deepEqual([...drainingAfter(first, all(ending, b), 1000, 900)], [...first]);
  const gone = drainingAfter(first, all(b), 1000, 900);
  assert.deepEqual([...drainingAfter(gone, all(a, b), 1000, 900)], [["web/b", drain(70)]]);
});

/** The instance `a` as a container: its run and its state. */
const container = (run: string, state: Present["standing"]["state"] = "up"): Present => ({
  ...at("a", state),
  run,
});
const drains: Draining = new Map([["web/a", drain(50, "stop", "1")]]);

const followUps: readonly (readonly [
  what: string,
  now: Present,
  drain: InstanceDrain | undefined,
])[] = [
  ["still stops", container("1", "draining"), drain(50, "stop", "1")],
  ["is paused while it stops", container("1", "down"), drain(50, "stop", "1")],
  ["does not stop after all", container("1"), undefined],
  ["runs again", container("2"), undefined],
  ["runs again and is stopped again", container("2", "draining"), drain(1060, "stop", "2", 60)],
];

for (const [what, now, expected] of followUps) {
  test(`the drain of a container that ${what}: ${expected ? `until ${expected.untilMs}` : "ends"}`, () => {
    const after = drainingAfter(drains, all(now), 1000, 60);
    assert.deepEqual(after.get("web/a"), expected);
    // Also before the drains follow the discovery.
    const { weight } = toRegister([now], only(drains), 0, "json")[0] ?? {};
    const isDown = now.standing.state === "down";
    assert.equal(weight, isDown ? undefined : now.run === "2" || !expected ? 10 : 0);
  });
}

test("a requested drain outlives a stop that comes to nothing, and ends with the run", () => {
  const stopping = container("1", "draining");
  const requested = drainingWith(drains, [stopping], "request", until(3000));
  assert.deepEqual([...requested], [["web/a", drain(50, "request", "1")]], "the earlier deadline");
  assert.deepEqual([...drainingAfter(requested, all(container("1")), 1000, 60)], [...requested]);
  assert.deepEqual([...drainingAfter(requested, all(container("2")), 1000, 60)], []);
});

test("at the shutdown every run is draining, whatever was requested before", () => {
  const shutdown = drainingWith(
    drains,
    [container("1", "draining"), b],
    "shutdown",
    until(Infinity),
  );
  assert.deepEqual(
    [...shutdown],
    [
      ["web/a", drain(50, "shutdown", "1")],
      ["web/b", drain(Infinity, "shutdown")],
    ],
  );
  const after = drainingAfter(shutdown, all(container("2"), b), 1000, 60);
  assert.deepEqual([...after], [...shutdown]);
  assert.deepEqual(
    [...drainingWith(after, [b], "request", until(5000))],
    [
      ["web/a", drain(50, "shutdown", "1")],
      ["web/b", drain(5000, "shutdown")],
    ],
  );
});

test("a stale drain does not pass its deadline on", () => {
  const again = drainingWith(drains, [container("2")], "request", until(3000));
  assert.deepEqual([...again], [["web/a", drain(3000, "request", "2")]]);
});

test("the next deadline is the earliest one in the future", () => {
  const draining = new Map([
    ["a", drain(10)],
    ["b", drain(30)],
    ["c", drain(20)],
    ["d", drain(Infinity)],
  ]);
  assert.equal(nextDeadlineMs(draining, 10), 20);
  assert.equal(nextDeadlineMs(draining, 30), undefined);
});

test("an instance is marked once its observed entry is the desired one with weight 0; unregistered ones are ignored", () => {
  const desired = new Map([
    ["/s/web/a", '{"host":"h","port":1,"weight":0}'],
    ["/s/web/b", '{"host":"h","port":2,"weight":0}'],
    ["/s/web/c", '{"host":"h","port":3}'],
  ]);
  const observed = (...revisions: readonly (readonly [key: string, revision: string])[]) =>
    new Map(
      revisions.map(([key, revision]) => {
        const value = desired.get(key) ?? "";
        return [key, { key, value, revision }];
      }),
    );
  const keys = ["/s/web/a", "/s/web/b", "/s/web/d"];
  const [some, all] = [observed(["/s/web/a", "7"]), observed(["/s/web/a", "7"], ["/s/web/b", "8"])];
  assert.equal(markedAt(keys, desired, undefined).isComplete, false);
  assert.deepEqual([...markedAt(keys, desired, some).revisions], [["/s/web/a", "7"]]);
  assert.equal(markedAt(keys, desired, some).isComplete, false);
  assert.equal(markedAt(keys, desired, all).isComplete, true);
  const old = new Map(all).set("/s/web/b", { key: "/s/web/b", value: "{}", revision: "3" });
  assert.equal(markedAt(keys, desired, old).isComplete, false);
  assert.equal(markedAt(["/s/web/c"], desired, observed(["/s/web/c", "9"])).isComplete, false);
});
