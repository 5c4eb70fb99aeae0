import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch, Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";

const entries = (values: Record<string, string>, revision: string) =>
  new Map<string, Entry>(
    Object.entries(values).map(([key, value]) => [key, { key, value, revision }]),
  );

const reset = (values: Record<string, string>, revision = "1"): Batch => ({
  kind: "reset",
  revision,
  entries: entries(values, revision),
});

const delta = (values: Record<string, string>, gone: string[] = [], revision = "2"): Batch => ({
  kind: "delta",
  revision,
  put: entries(values, revision),
  gone,
});

const lines = (snapshot: Snapshot) =>
  snapshot.chunks.flat().map(({ key, value }) => `${key}=${value}`);

const keysOf = (runs: Iterable<readonly Entry[]>) => [...runs].flat().map(({ key }) => key);

/** `count` keys, in several chunks. */
const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`/s/${String(i).padStart(6, "0")}`, "x"]),
  );

test("a reset replaces all entries; they are in key order", () => {
  const snapshot = Snapshot.empty.after(reset({ "/b": "2", "/a": "1", "/a/b": "3" }, "9"));
  assert.deepEqual(lines(snapshot), ["/a=1", "/a/b=3", "/b=2"]);
  assert.deepEqual([snapshot.size, snapshot.revision], [3, "9"]);
  assert.deepEqual(lines(snapshot.after(reset({ "/c": "1" }))), ["/c=1"]);
  assert.equal(snapshot.after(reset({})).size, 0);
});

test("a delta puts and removes; the previous snapshot does not change", () => {
  const before = Snapshot.empty.after(reset({ "/a": "1", "/b": "2", "/c": "3" }));
  const after = before.after(delta({ "/b": "5", "/d": "4" }, ["/a", "/nowhere"]));
  assert.deepEqual(lines(after), ["/b=5", "/c=3", "/d=4"]);
  assert.equal(after.revision, "2");
  assert.deepEqual(lines(before), ["/a=1", "/b=2", "/c=3"]);
});

test("a delta can come first, and can remove everything", () => {
  const one = Snapshot.empty.after(delta({ "/a": "1" }));
  assert.deepEqual(lines(one), ["/a=1"]);
  assert.deepEqual(one.after(delta({}, ["/a"])).chunks, []);
});

test("a key that is removed and put in one batch exists", () => {
  const before = Snapshot.empty.after(reset({ "/a": "1" }));
  assert.deepEqual(lines(before.after(delta({ "/a": "2" }, ["/a"]))), ["/a=2"]);
});

test("an entry with an unchanged value keeps its identity, through a put and through a reset", () => {
  const before = Snapshot.empty.after(reset({ "/a": "1", "/b": "2" }));
  const put = before.after(delta({ "/a": "1", "/b": "3" }));
  assert.equal(put.get("/a"), before.get("/a"));
  assert.equal(put.get("/b")?.revision, "2");
  const again = put.after(reset({ "/a": "1", "/b": "4" }, "8"));
  assert.equal(again.get("/a"), before.get("/a"));
  assert.equal(again.get("/b")?.revision, "8");
});

test("a change replaces one chunk of many and shares the rest", () => {
  const before = Snapshot.empty.after(reset(many(5000)));
  assert.ok(before.chunks.length > 5);
  assert.ok(before.chunks.every(({ length }) => length > 0 && length <= 512));
  const after = before.after(delta({ "/s/002500": "y" }));
  const shared = after.chunks.filter((chunk) => before.chunks.includes(chunk));
  assert.equal(shared.length, before.chunks.length - 1);
  assert.equal(after.size, 5000);
});

test("a key is found, and only that key", () => {
  const snapshot = Snapshot.empty.after(reset(many(2000)));
  for (const i of ["000000", "000511", "000512", "001999"]) {
    assert.equal(snapshot.get(`/s/${i}`)?.key, `/s/${i}`);
  }
  for (const key of ["", "/", "/s/", "/s/000000x", "/s/002000", "/t"]) {
    assert.equal(snapshot.get(key), undefined, key);
  }
});

test("below a folder are its entries, but not the folder itself or keys with the same beginning", () => {
  const keys = ["/web", "/web-2/a", "/web.x", "/web/a", "/web/b/c", "/web0", "/wec"];
  const snapshot = Snapshot.empty.after(reset(Object.fromEntries(keys.map((key) => [key, ""]))));
  assert.deepEqual(keysOf(snapshot.below("/web")), ["/web/a", "/web/b/c"]);
  assert.deepEqual(keysOf(snapshot.below("/none")), []);
  assert.deepEqual(keysOf(snapshot.below("")).sort(), [...keys].sort());
});

test("a range includes its start and excludes its end, across chunks", () => {
  const snapshot = Snapshot.empty.after(reset(many(3000)));
  const inRange = keysOf(snapshot.range("/s/000400", "/s/002000"));
  assert.equal(inRange.length, 1600);
  assert.deepEqual([inRange[0], inRange.at(-1)], ["/s/000400", "/s/001999"]);
  const whole = [...snapshot.below("/s")];
  assert.deepEqual(whole, [...snapshot.chunks]);
  assert.ok(whole.every((chunk, i) => chunk === snapshot.chunks[i]));
});

test("any series of changes yields the same entries as a Map", () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const map = new Map<string, string>();
  let snapshot = Snapshot.empty;
  for (let step = 0; step < 60; step += 1) {
    const put: Record<string, string> = {};
    const gone: string[] = [];
    for (let i = random(800); i > 0; i -= 1) {
      const key = `/k/${random(6000)}`;
      if (random(3) > 0) put[key] = String(random(5));
      else gone.push(key);
    }
    for (const key of gone) map.delete(key);
    for (const [key, value] of Object.entries(put)) map.set(key, value);
    snapshot = snapshot.after(delta(put, gone));
  }
  const expected = [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => `${k}=${v}`);
  assert.deepEqual(lines(snapshot), expected);
  assert.equal(snapshot.size, map.size);
});
