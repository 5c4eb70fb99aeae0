import assert from "node:assert/strict";
import { test } from "node:test";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { encodeWatcherEntry, unacknowledged } from "../../../lib/model/watcher-entry.ts";

const key = "/services/web/10.0.0.1:80";

/** The entries of watchers by their names. */
function watchers(values: Readonly<Record<string, string>>): Snapshot {
  const entries = Object.entries(values).map(([name, value]) => {
    const watcherKey = `/sidekick/watchers/${name}`;
    return [watcherKey, { key: watcherKey, value, revision: "1" }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

const entry = (prefix: string, drained: Readonly<Record<string, string>> = {}) =>
  encodeWatcherEntry({ prefixes: [prefix], drained: new Map(Object.entries(drained)) });

const missing = (values: Readonly<Record<string, string>>, revision = "17") =>
  unacknowledged(new Map([[key, revision]]), watchers(values)).map(({ watcher }) => watcher);

test("the entry of a watcher is plain JSON", () => {
  assert.equal(
    entry("/services", { [key]: "17" }),
    `{"prefixes":["/services"],"drained":{"${key}":"17"}}`,
  );
});

test("watchers that use the instance and have not acknowledged its drain are missing", () => {
  const found = missing({
    a: entry("/services", { [key]: "17" }),
    b: entry("/services"),
    c: entry("/services/web"),
    d: entry("/services/api"),
    e: entry("/services/we"),
    f: entry(""),
    g: entry(key),
  });
  assert.deepEqual(found, ["b", "c", "f", "g"]);
});

test("the acknowledgement of an earlier drain of the instance does not count", () => {
  const of = (revision: string) => entry("/services", { [key]: revision });
  assert.deepEqual(missing({ earlier: of("9"), same: of("17"), later: of("100") }), ["earlier"]);
  assert.deepEqual(missing({ same: of("a-1"), other: of("a-2") }, "a-1"), ["other"]);
});

test("every draining instance has to be acknowledged", () => {
  const other = "/services/api/10.0.0.2:80";
  const draining = new Map([
    [key, "1"],
    [other, "2"],
  ]);
  const found = unacknowledged(draining, watchers({ a: entry("/services", { [other]: "2" }) }));
  assert.deepEqual(found, [{ watcher: "a", key }]);
});

test("an entry that is not a watcher's is ignored", () => {
  const found = missing({ a: "", b: "[]", c: "null", d: '{"prefixes":7}', e: '{"prefixes":[7]}' });
  assert.deepEqual(found, []);
  assert.deepEqual(missing({ a: '{"prefixes":["/services"],"drained":7}' }), ["a"]);
});
