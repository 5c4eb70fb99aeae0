import assert from "node:assert/strict";
import { test } from "node:test";
import type { StatusReport } from "../../../lib/status/contract.ts";
import { formatReport } from "../../../lib/status/format.ts";
import { limited } from "../../../lib/status/limit.ts";
import { statusRoutes } from "../../../lib/status/routes.ts";
import { answersOf, at, failing, loop, reportOf } from "./facts.ts";

const many = 100_000;
const list = <T>(count: number, item: (i: number) => T) =>
  Array.from({ length: count }, (_, i) => item(i));

/** The report of an agent with a great number of everything, and long keys of hostile characters. */
const huge = makeHuge();

function makeHuge(): StatusReport {
  const writing = loop("haproxy.cfg");
  const name = (i: number) => `web/${i}\u202e${i % 1000 === 0 ? "\x9b".repeat(5000) : ""}`;
  return reportOf({
    presence: {
      instances: list(many, (i) => ({
        ...{ name: name(i), why: "", sinceMs: undefined, registered: true },
        ...{ wasRegistered: true, draining: false },
        verdict: i === many - 1 ? "down" : "up",
      })),
      quarantined: list(many, (i) => ({ what: name(i), why: "it is invalid", sinceMs: 0 })),
      isComplete: true,
    },
    watch: {
      templates: list(5000, (i) => ({
        ...{ target: name(i), revision: "17", loop: writing, unusable: undefined },
        observed: { state: "in sync", sinceMs: 0, why: "" },
      })),
      quarantined: list(many, (i) => ({
        key: name(i),
        revision: "1",
        why: "x",
        sinceMs: 0,
      })),
      retained: list(many, (i) => ({
        service: name(i),
        retained: 1,
        live: 1,
        sinceMs: 0,
        untilMs: 1,
      })),
      cachedSnapshot: undefined,
    },
    loops: list(5000, (i) => loop(name(i))),
  });
}

test("the status is at most 1 MB, whatever an agent has found", async () => {
  const { body } = await statusRoutes(answersOf(huge))["/status"].answer();
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
  const text = formatReport(limited(huge));
  const all = formatReport(huge);
  assert.equal(text.split("\n")[0], all.split("\n")[0]);
  assert.match(
    text,
    /\nomitted {5}(\d+ reasons, )?\d+ instances, \d+ quarantined, \d+ retained, \d+ files, \d+ loops\n$/,
  );
});

test("a report that is short enough is unchanged", () => {
  const report = reportOf();
  assert.equal(limited(report), report);
});

/** Instances that are healthy and not registered. */
const unregistered = () =>
  list(many, (i) => ({
    ...{ name: `web/${i}`, verdict: "up" as const, sinceMs: 70_000, why: "" },
    ...{ registered: false, wasRegistered: false, draining: false },
  }));

test("a probe is answered with 20 reasons of a kind at most", async () => {
  const instances = unregistered();
  const report = reportOf({ presence: { instances, quarantined: [], isComplete: true } });
  const { status, body } = await statusRoutes(answersOf(report))["/readyz"].answer();
  assert.deepEqual([status, body.split("\n").length], [503, 22]);
  assert.match(body, /\nnot registered: 99980 more\n$/);
});

test("of many reasons of a kind, one stands for those beyond the first 20", () => {
  const quarantined = list(many, (i) => ({ what: `label ${i}`, why: "it is invalid", sinceMs: 0 }));
  const loops = [loop("checks", failing)];
  const presence = { instances: unregistered(), quarantined, isComplete: true };
  const { reasons, ...report } = reportOf({ loops, presence });
  assert.deepEqual(
    reasons.map(({ kind }) => kind),
    [...list(21, () => "not registered"), "loop failing", ...list(21, () => "quarantined")],
  );
  assert.equal(reasons[0]?.since, at(70_000));
  assert.deepEqual(reasons.at(-1), {
    ...{ kind: "quarantined", message: "quarantined: 99980 more", count: 99_980 },
    ...{ meanwhile: "the others are served", advice: "" },
  });
  const [headline] = formatReport({ ...report, reasons }).split("\n");
  assert.match(headline ?? "", /; and 200000 more$/);
});
