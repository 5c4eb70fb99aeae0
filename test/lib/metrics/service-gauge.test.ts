import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByState, ServiceGauge } from "../../../lib/metrics/service-gauge.ts";

function gauge(services: number) {
  const all = new ServiceGauge("g", "instances", ["up", "down"], { services, keepMs: 1000 });
  return (entries: Readonly<Record<string, ByState>>, nowMs: number) => {
    const { family, dropped } = all.at(new Map(Object.entries(entries)), nowMs);
    const shown = family.samples.map(
      ({ labels, value }) => `${labels?.service} ${labels?.state} ${value}`,
    );
    return { shown, dropped };
  };
}

test("a service that is gone stays at 0 for a time, and then has no series", () => {
  const at = gauge(10);
  assert.deepEqual(at({ web: { up: 2, down: 1 } }, 0).shown, ["web up 2", "web down 1"]);
  assert.deepEqual(at({}, 900).shown, ["web up 0", "web down 0"]);
  assert.deepEqual(at({ web: { up: 1 } }, 950).shown, ["web up 1", "web down 0"]);
  assert.deepEqual(at({}, 1950).shown, ["web up 0", "web down 0"]);
  assert.deepEqual(at({}, 1951).shown, []);
});

test("services beyond the limit are counted together, and those with series keep them", () => {
  const at = gauge(2);
  at({ b: { up: 1 }, c: { up: 1 } }, 0);
  const { shown, dropped } = at({ a: { up: 1 }, b: { up: 2 }, c: { up: 3 }, d: { down: 4 } }, 1);
  assert.deepEqual(shown, [
    ...["b up 2", "b down 0", "c up 3", "c down 0"],
    ...["other up 1", "other down 4"],
  ]);
  assert.equal(dropped, 2);
});
