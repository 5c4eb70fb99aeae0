import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, spreadMs } from "../../../lib/keyspace/list-turns.ts";
import { watchScene } from "./scene.ts";

const size = { entries: 10_000, bytes: 1_000_000 };

test("a watcher that waits for its turn to list keeps the last known state, and the status has that", async (t) => {
  const scene = await watchScene(t);
  const { run, clock, keyspace, register, becomes, text, report, logged, log } = scene;
  keyspace.listSize = size;
  keyspace.watchers = 10_000;
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await becomes("web: 10.0.0.1:80*1\n");
  keyspace.disconnect();
  await logged("fault");
  assert.equal(report().keyspace.reachable, false);
  await register("web", "10.0.0.2:80");
  keyspace.reconnect();
  await clock.advance(2000);
  await logged("fault", 2);
  assert.equal(await text(), "web: 10.0.0.1:80*1\n");
  const { keyspace: status, reasons } = report();
  assert.equal(status.reachable, true);
  assert.match(status.fault?.message ?? "", /10000 entries, 1.00 MB\): all watchers do so in turn/);
  assert.deepEqual(
    reasons.map(({ kind }) => kind),
    ["waiting to list"],
  );
  const waitMs = placeOf("watcher.1") * spreadMs(size.bytes, 10_000);
  const { message } = log.lines.filter(({ event }) => event === "fault").at(-1) ?? {};
  assert.match(message ?? "", /the last known state is kept; retrying in \d+/);
  await clock.advance(waitMs);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  assert.equal(report().keyspace.fault, undefined);
  assert.deepEqual(report().reasons, []);
});
