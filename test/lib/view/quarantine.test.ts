import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pools } from "../../../lib/view/contract.ts";
import { Quarantine } from "../../../lib/view/quarantine.ts";
import type { Suspicion } from "../../../lib/view/suspects.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { poolsWith } from "./entries.ts";

const values = { "/a": "1", "/b": "2", "/c": "3", "/d": "4" };
const pools = poolsWith(values);
const { size } = pools.snapshot;

function suspicion(keys: readonly string[], { snapshot }: Pools = pools, quoted = true): Suspicion {
  return { entries: keys.flatMap((key) => snapshot.get(key) ?? []), message: "no", quoted };
}

/** The first wait is 500 ms, the second 1000 ms. */
function quarantine() {
  const clock = new ManualClock();
  const it = new Quarantine({ firstMs: 1000, maxMs: 4000 }, clock, () => 0);
  const leftOut = ({ snapshot } = pools) => [...it.beginAttempt(snapshot)].sort();
  return { clock, it, leftOut };
}

test("who is suspected is left out, and held once the others pass without it", () => {
  const { it, leftOut } = quarantine();
  assert.deepEqual(leftOut(), []);
  assert.ok(it.isolate(suspicion(["/a"]), true, size));
  assert.deepEqual(leftOut(), ["/a"]);
  assert.deepEqual(it.quarantined, []);
  const held = [{ key: "/a", revision: "1", why: "no" }];
  assert.deepEqual(it.commit(), { held, released: [] });
  assert.deepEqual(it.quarantined, held);
  assert.deepEqual(leftOut(), ["/a"]);
});

test("nobody is held when it was all in vain", () => {
  const { it, leftOut } = quarantine();
  assert.ok(it.isolate(suspicion(["/a"]), true, size));
  assert.ok(!it.isolate(undefined, true, size));
  assert.deepEqual(leftOut(), []);
  assert.deepEqual(it.commit(), { held: [], released: [] });
});

test("no more than half of all are left out: then the template is at fault", () => {
  const { it, leftOut } = quarantine();
  assert.ok(it.isolate(suspicion(["/a", "/b"]), true, size));
  assert.ok(!it.isolate(suspicion(["/c"]), true, size));
  assert.deepEqual(leftOut(), []);
});

test("who is suspected for its line alone is not to blame when it does not help", () => {
  const { it, leftOut } = quarantine();
  assert.ok(it.isolate(suspicion(["/a"], pools, false), true, size));
  assert.ok(!it.isolate(suspicion(["/b"], pools, false), true, size));
  assert.deepEqual(leftOut(), []);
});

test("it is tried again after a while: longer when it fails again, and back when it does not", async () => {
  const { clock, it, leftOut } = quarantine();
  it.isolate(suspicion(["/a"]), true, size);
  it.commit();
  assert.equal(it.retryInMs, 500);
  await clock.advance(499);
  assert.deepEqual(leftOut(), ["/a"]);
  await clock.advance(1);
  assert.equal(it.retryInMs, 0);
  assert.deepEqual(leftOut(), [], "on trial");
  assert.ok(it.isolate(suspicion(["/a"]), true, size));
  assert.deepEqual(leftOut(), ["/a"]);
  assert.deepEqual(it.commit(), { held: [], released: [] }, "it was held all the time");
  assert.equal(it.retryInMs, 1000);
  await clock.advance(1000);
  leftOut();
  assert.deepEqual(it.commit(), { held: [], released: ["/a"] });
  assert.equal(it.retryInMs, undefined);
});

test("those on trial do not keep the others waiting when something else is refused", async () => {
  const { clock, it, leftOut } = quarantine();
  it.isolate(suspicion(["/a"]), true, size);
  it.commit();
  await clock.advance(500);
  assert.deepEqual(leftOut(), []);
  assert.ok(it.isolate(undefined, true, size), "once more, without them");
  assert.deepEqual(leftOut(), ["/a"]);
  assert.ok(!it.isolate(undefined, true, size));
});

test("an entry that is written anew, or is gone, is held no longer", () => {
  const { it, leftOut } = quarantine();
  it.isolate(suspicion(["/a", "/b"]), true, size);
  it.commit();
  const { "/b": _, ...others } = values;
  assert.deepEqual(leftOut(poolsWith({ ...others, "/a": "10" })), []);
  assert.deepEqual(it.quarantined, []);
});
