import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { Views } from "../../../lib/view/views.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { RecordingLog } from "../../support/recording-log.ts";

function watching(keepEmpty = false, limits = unlimited) {
  const clock = new ManualClock();
  const log = new RecordingLog();
  const all = { maxLoss: 0.5, min: 0, retainMs: 30_000, keepEmpty };
  const views = new Views(
    { services: "/services", limits, guard: { all, services: {} } },
    clock,
    log,
  );
  return {
    clock,
    views,
    news: () => log.take().map(({ event, message }) => `${event}: ${message}`),
  };
}

/** A keyspace in which a service has instances at these ports. */
function web(...ports: readonly number[]): Snapshot {
  const entries = ports.map((port) => {
    const key = `/services/web/a:${port}`;
    return [key, { key, value: `10.0.0.1:${port}`, revision: "1" }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

test("a loss that the guard does not accept is logged once, and its end once", async () => {
  const { clock, views, news } = watching();
  views.of(web(1, 2, 3, 4, 5));
  assert.deepEqual(news(), []);
  views.of(web(1));
  views.of(web(1));
  const lost =
    "web has lost 4 instances and has 1 left: the guard retains the lost instances for 30s";
  assert.deepEqual(news(), [`instances_retained: ${lost}`]);
  assert.deepEqual(views.retained, [{ service: "web", retained: 4, live: 1, untilMs: 30_000 }]);
  views.of(web(1, 2));
  assert.deepEqual(news(), []);
  await clock.advance(30_000);
  views.of(web(1, 2));
  const over = "web is no longer retained: 1 of 4 instances is back, 3 instances are removed";
  assert.deepEqual(news(), [`retention_ended: ${over}`]);
  assert.deepEqual(views.retained, []);
});

test("an empty service keeps its instances until it has others, which is logged", () => {
  const { views, news } = watching(true);
  views.of(web(1));
  views.of(web());
  const lost = "web has lost 1 instance and has 0 left: the guard retains the lost instances";
  assert.deepEqual(news(), [`instances_retained: ${lost} until it has others`]);
  views.of(web(2));
  assert.deepEqual(news(), ["retention_ended: web is no longer retained: 1 instance is removed"]);
  views.of(web());
  news();
  views.of(web(2));
  const back = "web is no longer retained: 1 of 1 instance is back";
  assert.deepEqual(news(), [`retention_ended: ${back}`]);
});

test("an exceeded limit is logged once, and again after it was not exceeded", () => {
  const { views, news } = watching(false, { ...unlimited, instances: 2 });
  views.of(web(1, 2, 3));
  const beyond = "of its 3 instances, such as a:3, are beyond watch.limits.instances (2)";
  const line = `quarantined: /services/web/* (revision 1) is quarantined: 1 ${beyond}`;
  assert.deepEqual(news(), [line]);
  views.of(web(1, 2, 3, 4));
  assert.deepEqual(news(), []);
  assert.deepEqual(
    views.quarantined.map(({ count }) => count),
    [2],
  );
  views.of(web(1, 2));
  views.of(web(1, 2, 3));
  assert.deepEqual(news(), [line]);
});

test("an entry that the keyspace cannot read is quarantined and logged once", () => {
  const { views, news } = watching();
  const why = "it is a FIFO, not a regular file";
  const unreadable = [{ key: "/services/web/x", revision: "7", why }];
  const before = web(1).after({
    kind: "delta",
    revision: "2",
    put: new Map(),
    gone: [],
    unreadable,
  });
  views.of(before);
  assert.deepEqual(news(), [`quarantined: /services/web/x (revision 7) is quarantined: ${why}`]);
  assert.deepEqual(views.quarantined, unreadable);
  const put = new Map([["/a", { key: "/a", value: "1", revision: "3" }]]);
  views.of(before.after({ kind: "delta", revision: "3", put, gone: [] }));
  assert.deepEqual([news(), views.quarantined], [[], unreadable]);
  views.of(web(1));
  assert.deepEqual([news(), views.quarantined], [[], []]);
});

test("100000 bad entries are one line with three examples, and as many that are gone are none", () => {
  const { views, news } = watching();
  const entries = Array.from({ length: 100_000 }, (_, i) => {
    const key = `/services/web/${i}`;
    return [key, { key, value: "nonsense", revision: "1" }] as const;
  });
  views.of(Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) }));
  const [line = "", ...others] = news();
  assert.deepEqual(others, []);
  assert.match(line, /^quarantined: 100000 entries are quarantined: \/services\/web\/0 \(revision/);
  assert.match(line, /; and 99997 more$/);
  assert.equal(views.quarantined.length, 100_000);
  views.of(Snapshot.empty);
  assert.deepEqual(news(), []);
});
