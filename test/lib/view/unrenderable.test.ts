import assert from "node:assert/strict";
import { test } from "node:test";
import { Unrenderable } from "../../../lib/view/unrenderable.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const entry = (key: string, why = "no") => ({ key, revision: "1", why });

function create() {
  const clock = new ManualClock();
  return { clock, entries: new Unrenderable({ firstMs: 1000, maxMs: 4000 }, clock, () => 1) };
}

test("an entry is reported once for each reason, and again when it is back", () => {
  const { entries } = create();
  const [a, b] = [entry("/a"), entry("/b")];
  assert.deepEqual(entries.update([a]), { quarantined: [a], released: [] });
  assert.deepEqual(entries.update([a, b]), { quarantined: [b], released: [] });
  assert.deepEqual(entries.update([a, b, { ...b }]), { quarantined: [], released: [] });
  const other = entry("/a", "another reason");
  assert.deepEqual(entries.update([other]), { quarantined: [other], released: ["/b"] });
  assert.deepEqual(entries.quarantined, [{ ...other, sinceMs: 0 }]);
  assert.deepEqual(entries.update([]), { quarantined: [], released: ["/a"] });
});

test("a rendering is due with a back-off for as long as an entry is left out", async () => {
  const { clock, entries } = create();
  assert.equal(entries.retryInMs, undefined);
  entries.update([entry("/a")]);
  assert.equal(entries.retryInMs, 1000);
  await clock.advance(1000);
  assert.equal(entries.retryInMs, 0);
  for (const expected of [2000, 4000, 4000]) {
    entries.update([entry("/a")]);
    assert.equal(entries.retryInMs, expected);
  }
  entries.update([]);
  assert.equal(entries.retryInMs, undefined);
});
