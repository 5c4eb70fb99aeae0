import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeldEntries, OwnerWatch } from "../../../../lib/keyspace/hand-over/owner-watch.ts";
import { encodeOwner, type Owner, ownerKeyOf } from "../../../../lib/model/hand-over-entry.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";

const ttlMs = 3000;
const held = (...takenBy: readonly string[]): HeldEntries => ({
  owners: new Map([["/web/a", "7"]]),
  takenBy: new Set(takenBy),
});
const nothing: HeldEntries = { owners: new Map(), takenBy: new Set() };

/** The entry of session 7, which answers session 8. */
function answering(ask: number | undefined, change: Partial<Owner> = {}, owner = "7"): Snapshot {
  const answered = ask === undefined ? undefined : { session: "8", ask };
  const value = encodeOwner({ session: "7", answered, isLeaving: false, ...change });
  const entry = { key: ownerKeyOf("7"), value, revision: "1", owner };
  return Snapshot.empty.after({
    ...{ kind: "reset", revision: "1" },
    entries: new Map([[entry.key, entry]]),
  });
}

/** Looks at a snapshot, and returns the state of session 7. */
function look(watch: OwnerWatch, snapshot: Snapshot, nowMs: number, entries = held()) {
  return watch.update(entries, snapshot, false, nowMs).states.get("7");
}

test("an owner is asked three times per TTL, and is alive while it answers in time", () => {
  const watch = new OwnerWatch("8", ttlMs);
  const { asks, states } = watch.update(held(), Snapshot.empty, false, 0);
  assert.deepEqual([[...asks], states.size], [[["7", 1]], 0]);
  watch.asked("7", 1, 0);
  assert.equal(watch.nextDueMs(0), 600);
  assert.equal(look(watch, Snapshot.empty, 599), undefined);
  assert.equal(look(watch, answering(1), 599), "alive");
  assert.deepEqual([...watch.update(held(), answering(1), false, 1000).asks], [["7", 2]]);
  watch.asked("7", 2, 1000);
  assert.equal(look(watch, answering(1), 1599), "alive");
  assert.equal(look(watch, answering(1), 1600), "yields");
  watch.asked("7", 3, 2000);
  assert.equal(look(watch, answering(1), 2001), "yields", "a question is no answer");
  assert.equal(look(watch, answering(3), 2002), "alive");
  assert.equal(look(watch, Snapshot.empty, 2003), "yields", "its entry has ended with its session");
});

test("an answer that its session does not keep, or to another standby, is none", () => {
  const watch = new OwnerWatch("8", ttlMs);
  look(watch, Snapshot.empty, 0);
  watch.asked("7", 1, 0);
  assert.equal(look(watch, answering(1, {}, "9"), 1), undefined);
  assert.equal(look(watch, answering(1, { answered: { session: "9", ask: 1 } }), 1), undefined);
});

test("a session that has taken entries over is not taken for dead before it has answered once", () => {
  const watch = new OwnerWatch("8", ttlMs);
  look(watch, Snapshot.empty, 0, held("7"));
  watch.asked("7", 1, 0);
  assert.equal(look(watch, Snapshot.empty, 5000, held("7")), undefined);
  assert.equal(look(watch, answering(1), 5001, held("7")), "alive");
  watch.asked("7", 2, 6000);
  assert.equal(look(watch, answering(1), 6600, held("7")), "yields");
});

test("an owner that another standby asks is alive as long as its entry exists", () => {
  const watch = new OwnerWatch("8", ttlMs);
  look(watch, answering(undefined), 0);
  watch.isAskedByAnother("7", 0);
  assert.equal(look(watch, answering(undefined), 5000), "alive");
  assert.equal(look(watch, Snapshot.empty, 5001), "yields");
});

test("the question to an owner that hands over stays for a TTL: without it, the owner would drain", () => {
  const watch = new OwnerWatch("8", ttlMs);
  look(watch, answering(undefined), 0);
  watch.asked("7", 1, 0);
  assert.equal(look(watch, answering(1, { isLeaving: true }), 1), "yields");
  const left = (nowMs: number) => watch.update(nothing, Snapshot.empty, false, nowMs).left;
  assert.deepEqual(left(10), []);
  assert.equal(watch.nextDueMs(10), 3010);
  assert.deepEqual([left(3010), left(9000)], [["7"], []]);
});
