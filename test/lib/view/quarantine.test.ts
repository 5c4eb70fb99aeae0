import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pools } from "../../../lib/view/contract.ts";
import { Quarantine } from "../../../lib/view/quarantine.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { poolsWith } from "./entries.ts";

const values = { "/a": "1", "/b": "2", "/c": "3", "/d": "4" };
const pools = poolsWith(values);

/** The first wait is 500 ms, the second 1000 ms. */
function setUp(clock = new ManualClock()) {
  const quarantine = new Quarantine({ firstMs: 1000, maxMs: 4000 }, clock, () => 0);
  const omitted = ({ snapshot }: Pools = pools) => [...quarantine.in(snapshot)].sort();
  const add = (...keys: readonly string[]) =>
    quarantine.add(
      keys.flatMap((key) => {
        const item = pools.snapshot.get(key);
        return item ? [{ item, why: "no" }] : [];
      }),
    );
  return { clock, quarantine, omitted, add };
}

test("a quarantined entry is left out, with the reason", () => {
  const { quarantine, omitted, add } = setUp();
  const expected = [{ key: "/a", revision: "1", why: "no" }];
  assert.deepEqual(add("/a"), { quarantined: expected, released: [] });
  assert.deepEqual(quarantine.quarantined, expected);
  assert.deepEqual(omitted(), ["/a"]);
});

test("a quarantined entry is due after a wait, which is longer after each failure, until it is released", async () => {
  const { clock, quarantine, omitted, add } = setUp();
  add("/a");
  assert.equal(quarantine.retryInMs, 500);
  await clock.advance(499);
  assert.deepEqual(quarantine.due, []);
  await clock.advance(1);
  assert.equal(quarantine.retryInMs, 0);
  assert.deepEqual(quarantine.due, ["/a"]);
  assert.deepEqual(add("/a").quarantined, [], "it was quarantined before");
  assert.equal(quarantine.retryInMs, 1000);
  await clock.advance(1000);
  assert.deepEqual(quarantine.release(["/a", "/b"]), { quarantined: [], released: ["/a"] });
  assert.equal(quarantine.retryInMs, undefined);
  assert.deepEqual(omitted(), []);
});

test("the entry that was judged the longest time ago is due first, and postponing does not count as a failure", async () => {
  const { clock, quarantine, add } = setUp();
  add("/a", "/b");
  await clock.advance(500);
  add("/a");
  quarantine.postpone(["/b"]);
  assert.equal(quarantine.retryInMs, 500, "of /b");
  await clock.advance(1000);
  assert.deepEqual(quarantine.due, ["/b", "/a"]);
});

test("an entry that is changed or removed is no longer quarantined", () => {
  const { quarantine, omitted, add } = setUp();
  add("/a", "/b");
  const { "/b": _, ...others } = values;
  assert.deepEqual(omitted(poolsWith({ ...others, "/a": "10" })), []);
  assert.deepEqual(quarantine.quarantined, []);
});

test("the next process leaves out the same entries, as long as they have the same values", () => {
  const before = setUp();
  before.quarantine.judgedBy("template 1");
  before.add("/a", "/b");
  const remembered = JSON.parse(JSON.stringify(before.quarantine.remembered));
  assert.doesNotMatch(JSON.stringify(remembered), /"1","why":"[^n]/, "values are not saved");
  const { quarantine, omitted } = setUp();
  quarantine.restore(remembered);
  quarantine.judgedBy("template 1");
  assert.deepEqual(quarantine.due, []);
  assert.deepEqual(omitted(poolsWith({ ...values, "/b": "20" }, "7")), ["/a"]);
  assert.deepEqual(quarantine.quarantined, [{ key: "/a", revision: "1", why: "no" }]);
});

test("all entries are due if what judges them has changed, in the same process and in the next", () => {
  const { quarantine, add } = setUp();
  quarantine.judgedBy("template 1");
  add("/a", "/b");
  const next = setUp();
  next.quarantine.restore(quarantine.remembered);
  for (const one of [quarantine, next.quarantine]) {
    one.judgedBy("template 1");
    assert.deepEqual(one.due, []);
    one.judgedBy("template 2");
    assert.deepEqual(one.due, ["/a", "/b"]);
  }
});

test("only the same value is the quarantined entry", () => {
  const { quarantine, add } = setUp();
  add("/a");
  const next = setUp();
  next.quarantine.restore(quarantine.remembered);
  for (const one of [quarantine, next.quarantine]) {
    assert.ok(one.has({ key: "/a", value: "1", revision: "9" }));
    assert.ok(!one.has({ key: "/a", value: "2", revision: "1" }));
    assert.ok(!one.has({ key: "/b", value: "2", revision: "1" }));
  }
});

test("each change is counted, so that it can be saved", async () => {
  const { quarantine, omitted, add } = setUp();
  const changes = () => quarantine.changes.value;
  omitted();
  assert.equal(changes(), 0);
  add("/a", "/b");
  assert.equal(changes(), 1);
  omitted();
  assert.equal(changes(), 1);
  quarantine.release(["/a"]);
  assert.equal(changes(), 2);
  omitted(poolsWith({}));
  assert.equal(changes(), 3);
});
