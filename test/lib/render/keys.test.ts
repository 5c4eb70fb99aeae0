import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";

function entry(key: string, value: string): [string, Entry] {
  return [key, { key, value, revision: "1" }];
}

const tree = Snapshot.empty.after({
  kind: "reset",
  revision: "1",
  entries: new Map([
    entry("/a/leaf", "3"),
    entry("/a/sub/x", "1"),
    entry("/a/sub/y/z", "2"),
    entry("/a/sub-2", "1"),
    entry("/ab", "9"),
    entry("/b", "0"),
  ]),
});

function seeing(snapshot: Snapshot, ...folders: string[]): TemplateKeys {
  const keys = new TemplateKeys(new Prefixes(folders));
  keys.see(snapshot);
  return keys;
}

test("names and folders list one level, each name once", () => {
  const keys = seeing(tree, "");
  assert.deepEqual(keys.names("/"), ["a", "ab", "b"]);
  assert.deepEqual(keys.folders("/"), ["a"]);
  assert.deepEqual(keys.names("/a"), ["leaf", "sub", "sub-2"]);
  assert.deepEqual(keys.folders("/a/"), ["sub"]);
  assert.deepEqual(keys.names("/nothing"), []);
});

test("values are sorted, and duplicates are kept", () => {
  const keys = seeing(tree, "");
  assert.deepEqual(keys.valuesMatching("/a/*"), ["1", "3"]);
  assert.deepEqual(keys.valuesMatching("/*/sub*"), ["1"]);
  assert.deepEqual(keys.valuesMatching("/a/*/x"), ["1"]);
});

test("a key outside of the prefixes cannot be read", () => {
  const keys = seeing(tree, "/a");
  assert.equal(keys.get("/a/leaf")?.value, "3");
  assert.throws(() => keys.get("/b"), /\/b is outside of the prefixes of this template \(\/a\)/);
  assert.throws(() => keys.matching("/ab/*"), /outside/);
  assert.deepEqual(
    keys.matching("/*/leaf").map(({ key }) => key),
    ["/a/leaf"],
  );
});

test("a list keeps its identity until something in it changes", () => {
  const keys = seeing(tree, "");
  const [matching, values] = [keys.matching("/a/*"), keys.valuesMatching("/a/*")];
  const elsewhere = { put: new Map([entry("/b", "1")]), gone: ["/ab"] };
  keys.see(tree.after({ kind: "delta", revision: "2", ...elsewhere }));
  assert.equal(keys.matching("/a/*"), matching);
  assert.equal(keys.valuesMatching("/a/*"), values);
  keys.see(tree.after({ kind: "delta", revision: "3", put: new Map(), gone: ["/a/leaf"] }));
  assert.deepEqual(keys.valuesMatching("/a/*"), ["1"]);
});

test("values that were updated incrementally equal a new sort", () => {
  let random = 3;
  const below = (n: number) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random % n;
  };
  let snapshot = Snapshot.empty;
  const keys = new TemplateKeys(new Prefixes([""]));
  for (let step = 0; step < 200; step += 1) {
    const put = new Map<string, Entry>();
    for (let i = step === 0 ? 900 : below(5); i >= 0; i -= 1) {
      const [key, one] = entry(`/k/${below(2000)}`, String(below(300)));
      put.set(key, one);
    }
    const gone = [`/k/${below(2000)}`].filter((key) => !put.has(key));
    snapshot = snapshot.after({ kind: "delta", revision: String(step), put, gone });
    keys.see(snapshot);
    if (below(4) === 0) continue;
    assert.deepEqual(
      keys.valuesMatching("/k/*"),
      snapshot.chunks
        .flat()
        .map(({ value }) => value)
        .sort(),
    );
  }
});

test("keysContaining finds keys by a part of their value", () => {
  assert.deepEqual(seeing(tree, "").keysContaining("1"), ["/a/sub-2", "/a/sub/x"]);
});

test("keys, names and values are in the order of their UTF-8 bytes, also after a change", () => {
  const [last, beforeLast] = ["/m/\u{1f600}", "/m/\ufb01"];
  const first = Snapshot.empty.after({
    kind: "reset",
    revision: "1",
    entries: new Map([entry("/m/a", "\u{1f600}"), entry(last, "a"), entry(beforeLast, "\ufb01")]),
  });
  const keys = seeing(first, "");
  assert.deepEqual(keysOf(keys), ["/m/a", beforeLast, last]);
  assert.deepEqual(keys.names("/m"), ["a", "\ufb01", "\u{1f600}"]);
  assert.deepEqual(keys.valuesMatching("/m/*"), ["a", "\ufb01", "\u{1f600}"]);
  const put = new Map([entry("/m/\ufb02", "\ufb02")]);
  keys.see(first.after({ kind: "delta", revision: "2", put, gone: ["/m/a"] }));
  assert.deepEqual(keysOf(keys), [beforeLast, "/m/\ufb02", last]);
  assert.deepEqual(keys.valuesMatching("/m/*"), ["a", "\ufb01", "\ufb02"]);
});

test("values are those of the current entries where a template reads both", () => {
  const keys = seeing(tree, "");
  assert.deepEqual(keys.valuesMatching("/a/sub/*"), ["1"]);
  const put = new Map([entry("/a/sub/x", "5")]);
  keys.see(tree.after({ kind: "delta", revision: "2", put, gone: [] }));
  keys.matching("/a/sub/*");
  assert.deepEqual(keys.valuesMatching("/a/sub/*"), ["5"]);
});

function keysOf(keys: TemplateKeys): readonly string[] {
  return keys.matching("/m/*").map(({ key }) => key);
}
