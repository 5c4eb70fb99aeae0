import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { DrainedFinder } from "../../../lib/view/drained.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";

test("drained instances are found, with the revisions of their entries", () => {
  const at = (id: number, weight: number, revision: string) => {
    const key = `/services/web/10.0.0.${id}:80`;
    return [
      key,
      { key, value: `{"host":"10.0.0.${id}","port":80,"weight":${weight}}`, revision },
    ] as const;
  };
  const finder = new DrainedFinder();
  const reset = (...given: ReturnType<typeof at>[]) =>
    Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(given) });
  const first = pools(emptyPools("/services"), reset(at(1, 1, "3"), at(2, 0, "4"), at(3, 0, "5")));
  assert.deepEqual(
    [...finder.in(first)],
    [
      ["/services/web/10.0.0.2:80", "4"],
      ["/services/web/10.0.0.3:80", "5"],
    ],
  );
  const second = pools(first, reset(at(1, 0, "6"), at(2, 1, "7")));
  assert.deepEqual([...finder.in(second)], [["/services/web/10.0.0.1:80", "6"]]);
});

test("a drained entry that repeats the address of another one is drained as soon as that one is", () => {
  const entry = (id: string, weight: number) => {
    const key = `/services/web/${id}`;
    const value = `{"host":"10.0.0.1","port":80,"weight":${weight}}`;
    return [key, { key, value, revision: "1" }] as const;
  };
  const drainedKeys = (...given: ReturnType<typeof entry>[]) => {
    const entries = new Map(given);
    const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries });
    return [...new DrainedFinder().in(pools(emptyPools("/services"), snapshot)).keys()];
  };
  const [own, alias] = ["/services/web/10.0.0.1:80", "/services/web/alias"];
  assert.deepEqual(drainedKeys(entry("10.0.0.1:80", 0), entry("alias", 0)), [own, alias]);
  assert.deepEqual(drainedKeys(entry("10.0.0.1:80", 1), entry("alias", 0)), []);
});
