import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { encodeWatcherEntry, unacknowledged } from "../../../lib/model/watcher-entry.ts";

const key = "/services/web/10.0.0.1:80";

/** The entries of watchers by their names. */
function watchers(values: Readonly<Record<string, string>>): Snapshot {
  const entries = Object.entries(values).map(([name, value]) => {
    const at = `/sidekick/watchers/${name}`;
    return [at, { key: at, value, revision: "1" }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

const says = (prefix: string, drained: Readonly<Record<string, string>> = {}) =>
  encodeWatcherEntry({ prefixes: [prefix], drained: new Map(Object.entries(drained)) });

const missing = (values: Readonly<Record<string, string>>, revision = "17") =>
  unacknowledged(new Map([[key, revision]]), watchers(values)).map(({ watcher }) => watcher);

test("a watcher's entry is plain JSON", () => {
  assert.equal(
    says("/services", { [key]: "17" }),
    `{"prefixes":["/services"],"drained":{"${key}":"17"}}`,
  );
});

test("those who see the instance and have not acknowledged it are missing", () => {
  const found = missing({
    a: says("/services", { [key]: "17" }),
    b: says("/services"),
    c: says("/services/web"),
    d: says("/services/api"),
    e: says("/services/we"),
    f: says(""),
    g: says(key),
  });
  assert.deepEqual(found, ["b", "c", "f", "g"]);
});

test("what acknowledges an earlier leave of the same instance means nothing", () => {
  const of = (revision: string) => says("/services", { [key]: revision });
  assert.deepEqual(missing({ earlier: of("9"), same: of("17"), later: of("100") }), ["earlier"]);
  assert.deepEqual(missing({ same: of("a-1"), other: of("a-2") }, "a-1"), ["other"]);
});

test("every instance that leaves is looked for", () => {
  const other = "/services/api/10.0.0.2:80";
  const leaving = new Map([
    [key, "1"],
    [other, "2"],
  ]);
  const found = unacknowledged(leaving, watchers({ a: says("/services", { [other]: "2" }) }));
  assert.deepEqual(found, [{ watcher: "a", key }]);
});

test("what is no watcher's entry is not waited for", () => {
  const found = missing({ a: "", b: "[]", c: "null", d: '{"prefixes":7}', e: '{"prefixes":[7]}' });
  assert.deepEqual(found, []);
  assert.deepEqual(missing({ a: '{"prefixes":["/services"],"drained":7}' }), ["a"]);
});
