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
function setUp() {
  const clock = new ManualClock();
  const quarantine = new Quarantine({ firstMs: 1000, maxMs: 4000 }, clock, () => 0);
  const omitted = ({ snapshot } = pools) => [...quarantine.beginAttempt(snapshot)].sort();
  return { clock, quarantine, omitted };
}

test("a suspected entry is left out, and quarantined once the others are accepted without it", () => {
  const { quarantine, omitted } = setUp();
  assert.deepEqual(omitted(), []);
  assert.ok(quarantine.isolate(suspicion(["/a"]), true, size));
  assert.deepEqual(omitted(), ["/a"]);
  assert.deepEqual(quarantine.quarantined, []);
  const expected = [{ key: "/a", revision: "1", why: "no" }];
  assert.deepEqual(quarantine.commit(), { quarantined: expected, released: [] });
  assert.deepEqual(quarantine.quarantined, expected);
  assert.deepEqual(omitted(), ["/a"]);
});

test("no entry is quarantined if the texts are rejected without it too", () => {
  const { quarantine, omitted } = setUp();
  assert.ok(quarantine.isolate(suspicion(["/a"]), true, size));
  assert.ok(!quarantine.isolate(undefined, true, size));
  assert.deepEqual(omitted(), []);
  assert.deepEqual(quarantine.commit(), { quarantined: [], released: [] });
});

test("at most half of all entries are left out: beyond that, the template is at fault", () => {
  const { quarantine, omitted } = setUp();
  assert.ok(quarantine.isolate(suspicion(["/a", "/b"]), true, size));
  assert.ok(!quarantine.isolate(suspicion(["/c"]), true, size));
  assert.deepEqual(omitted(), []);
});

test("an entry that is suspected for its line alone is released if the texts are rejected again", () => {
  const { quarantine, omitted } = setUp();
  assert.ok(quarantine.isolate(suspicion(["/a"], pools, false), true, size));
  assert.ok(!quarantine.isolate(suspicion(["/b"], pools, false), true, size));
  assert.deepEqual(omitted(), []);
});

test("a quarantined entry is tried again: with a longer wait after a failure, and released after a success", async () => {
  const { clock, quarantine, omitted } = setUp();
  quarantine.isolate(suspicion(["/a"]), true, size);
  quarantine.commit();
  assert.equal(quarantine.retryInMs, 500);
  await clock.advance(499);
  assert.deepEqual(omitted(), ["/a"]);
  await clock.advance(1);
  assert.equal(quarantine.retryInMs, 0);
  assert.deepEqual(omitted(), [], "on trial");
  assert.ok(quarantine.isolate(suspicion(["/a"]), true, size));
  assert.deepEqual(omitted(), ["/a"]);
  assert.deepEqual(
    quarantine.commit(),
    { quarantined: [], released: [] },
    "it was quarantined before",
  );
  assert.equal(quarantine.retryInMs, 1000);
  await clock.advance(1000);
  omitted();
  assert.deepEqual(quarantine.commit(), { quarantined: [], released: ["/a"] });
  assert.equal(quarantine.retryInMs, undefined);
});

test("entries on trial do not delay the others when another error is reported", async () => {
  const { clock, quarantine, omitted } = setUp();
  quarantine.isolate(suspicion(["/a"]), true, size);
  quarantine.commit();
  await clock.advance(500);
  assert.deepEqual(omitted(), []);
  assert.ok(quarantine.isolate(undefined, true, size), "another attempt, without them");
  assert.deepEqual(omitted(), ["/a"]);
  assert.ok(!quarantine.isolate(undefined, true, size));
});

test("an entry that is changed or removed is no longer quarantined", () => {
  const { quarantine, omitted } = setUp();
  quarantine.isolate(suspicion(["/a", "/b"]), true, size);
  quarantine.commit();
  const { "/b": _, ...others } = values;
  assert.deepEqual(omitted(poolsWith({ ...others, "/a": "10" })), []);
  assert.deepEqual(quarantine.quarantined, []);
});
