import assert from "node:assert/strict";
import { test } from "node:test";
import type { Present } from "../../../lib/presence/contract.ts";
import { underKnownNames } from "../../../lib/presence/renamed.ts";

const one = (id: string, run?: string, port = 80): Present => ({
  instance: { service: "web", id, host: "10.0.0.1", port },
  standing: { state: "up" },
  ...(run !== undefined && { run }),
});

/** The ids of the instances, where these names are known. */
function idsOf(before: readonly Present[], present: readonly Present[], ...known: string[]) {
  const isKnown = (name: string) => known.includes(name);
  return underKnownNames(before, present, isKnown).map(({ instance }) => instance.id);
}

test("a renamed run keeps its name until the new one is known", () => {
  const [before, after] = [[one("old", "1")], [one("new", "1")]];
  assert.deepEqual(idsOf(before, after, "web/old"), ["old"]);
  assert.equal(
    underKnownNames(before, after, (name) => name === "web/new"),
    after,
  );
});

test("renamed again before the first new name is known, it keeps the first name", () => {
  const between = underKnownNames([one("old", "1")], [one("new", "1")], () => false);
  assert.deepEqual(idsOf(between, [one("newest", "1")]), ["old"]);
});

test("its state is the present one", () => {
  const down: Present = { ...one("new", "1"), standing: { state: "down" } };
  const [kept] = underKnownNames([one("old", "1")], [down], () => false);
  assert.deepEqual([kept?.instance.id, kept?.standing.state], ["old", "down"]);
});

test("an instance of another run, port or unknown run is a new one", () => {
  for (const after of [one("new", "2"), one("new", "1", 81), one("new")]) {
    assert.deepEqual(idsOf([one("old", "1")], [after]), ["new"]);
  }
  assert.deepEqual(idsOf([one("old")], [one("new")]), ["new"], "no runs are distinguished");
});

test("an instance beside one that is still there is a new one", () => {
  const old = one("old", "1");
  assert.deepEqual(idsOf([old], [old, one("new", "1")], "web/old"), ["old", "new"]);
});

test("instances at one address keep names of their own", () => {
  const before = [one("old", "1"), one("old:udp", "1")];
  const after = [one("new", "1"), one("new:udp", "1")];
  assert.deepEqual(idsOf(before, after), ["old", "old:udp"]);
});
