import assert from "node:assert/strict";
import { test } from "node:test";
import { type ByState, ServiceGauge } from "../../../lib/metrics/service-gauge.ts";
import { formatFamilies } from "../../../lib/metrics/text.ts";

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

test("a sample whose value is the same is given again, so that its line is known", () => {
  const all = new ServiceGauge("g", "h", ["up", "down"], { services: 9, keepMs: 1 });
  const at = (up: number) => all.at(new Map([["web", { up, down: 1 }]]), 0).family;
  const [first, second, third] = [at(1), at(1), at(2)];
  assert.equal(second.samples[0], first.samples[0]);
  assert.equal(third.samples[1], first.samples[1]);
  const lines = [first, second, third].map((one) => formatFamilies([one]).split("\n")[2]);
  const line = (up: number) => `g{service="web",state="up"} ${up}`;
  assert.deepEqual(lines, [line(1), line(1), line(2)]);
});
