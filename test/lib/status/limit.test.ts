import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusReport } from "../../../lib/status/contract.ts";
import { formatReport } from "../../../lib/status/format.ts";
import { limited } from "../../../lib/status/limit.ts";
import { statusRoutes } from "../../../lib/status/routes.ts";
import { loop, reportOf } from "./facts.ts";

const many = 100_000;
const list = <T>(count: number, item: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => item(i));

/** The report of an agent with a great number of everything, and long keys of hostile characters. */
function huge(): StatusReport {
  const writing = loop("haproxy.cfg");
  const name = (i: number) => `web/${i}\u202e${i % 1000 === 0 ? "\x9b".repeat(5000) : ""}`;
  return reportOf({
    presence: {
      instances: list(many, (i) => ({
        ...{ name: name(i), why: "", registered: true, draining: false },
        verdict: i === many - 1 ? "down" : "up",
      })),
      quarantined: list(many, (i) => ({ what: name(i), why: "it is invalid" })),
      isComplete: true,
    },
    watch: {
      templates: list(5000, (i) => ({ target: name(i), revision: "17", loop: writing })),
      quarantined: list(many, (i) => ({
        key: name(i),
        revision: "1",
        why: "x",
      })),
      retained: list(many, (i) => ({ service: name(i), retained: 1, live: 1, untilMs: 1 })),
      cachedSnapshot: undefined,
    },
    loops: list(5000, (i) => loop(name(i))),
  });
}

test("the status is at most 1 MB, whatever an agent has found", async () => {
  const report = huge();
  const { body } = await statusRoutes(() => report)["/status"].answer();
  assert.ok(Buffer.byteLength(body) <= 1_000_000, `${Buffer.byteLength(body)} bytes`);
  const { presence, watch, omitted, healthy } = JSON.parse(body);
  assert.equal(healthy, true);
  assert.equal(presence.instances.length + omitted.instances, many);
  assert.equal(
    presence.quarantined.length + watch.quarantined.length + omitted.quarantined,
    2 * many,
  );
  assert.equal(watch.retained.length + omitted.retained, many);
  assert.equal(presence.instances.at(-1).verdict, "down", "it needs attention");
});

test("the counts of a report that lacks items are those of all", () => {
  const text = formatReport(limited(huge()));
  const all = formatReport(huge());
  assert.equal(text.split("\n")[0], all.split("\n")[0]);
  assert.match(
    text,
    /\nomitted {5}\d+ instances, \d+ quarantined, \d+ retained, \d+ files, \d+ loops\n$/,
  );
});

test("a report that is short enough is unchanged", () => {
  const report = reportOf();
  assert.equal(limited(report), report);
});

test("a probe is answered with a hundred reasons at most", async () => {
  const instances = list(many, (i) => ({
    ...{ name: `web/${i}`, why: "", registered: false, draining: false, verdict: "up" as const },
  }));
  const report = reportOf({ presence: { instances, quarantined: [], isComplete: true } });
  const { status, body } = await statusRoutes(() => report)["/readyz"].answer();
  assert.deepEqual([status, body.split("\n").length], [503, 102]);
  assert.match(body, /\nand 99900 more\n$/);
});
