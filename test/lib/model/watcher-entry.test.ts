import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import {
  decodeWatcherEntry,
  encodeWatcherEntry,
  unacknowledged,
} from "../../../lib/model/watcher-entry.ts";

const key = "/services/web/10.0.0.1:80";
const session = "7";

const valueOf = (prefix: string, drained: Readonly<Record<string, string>> = {}) =>
  encodeWatcherEntry({ session, prefixes: [prefix], drained: new Map(Object.entries(drained)) });

const entryOf = (name: string, value: string, owner?: string): Entry => ({
  ...{ key: `/sidekick/watchers/${name}`, value, revision: "1" },
  ...(owner !== undefined && { owner }),
});

/** The watchers by these names that do not acknowledge; each entry is kept by the session that it names. */
function missing(values: Readonly<Record<string, string>>, draining = new Map([[key, "17"]])) {
  const watchers = Object.entries(values).flatMap(([name, value]) => {
    const watcher = decodeWatcherEntry(entryOf(name, value, session));
    return "why" in watcher ? [] : [watcher];
  });
  return unacknowledged(draining, watchers);
}

const names = (found: ReturnType<typeof missing>) => found.map(({ watcher }) => watcher);

test("the entry of a watcher is plain JSON", () => {
  assert.equal(
    valueOf("/services", { [key]: "17" }),
    `{"session":"7","prefixes":["/services"],"drained":{"${key}":"17"}}`,
  );
});

test("watchers that use the instance and have not acknowledged its drain are missing", () => {
  const found = missing({
    a: valueOf("/services", { [key]: "17" }),
    b: valueOf("/services"),
    c: valueOf("/services/web"),
    d: valueOf("/services/api"),
    e: valueOf("/services/we"),
    f: valueOf(""),
    g: valueOf(key),
  });
  assert.deepEqual(names(found), ["b", "c", "f", "g"]);
});

test("the acknowledgement of an earlier drain of the instance does not count", () => {
  const of = (revision: string) => valueOf("/services", { [key]: revision });
  const numbered = missing({ earlier: of("9"), same: of("17"), later: of("100") });
  assert.deepEqual(names(numbered), ["earlier"]);
  const opaque = missing({ same: of("a-1"), other: of("a-2") }, new Map([[key, "a-1"]]));
  assert.deepEqual(names(opaque), ["other"]);
});

test("every draining instance has to be acknowledged", () => {
  const other = "/services/api/10.0.0.2:80";
  const draining = new Map([
    [key, "1"],
    [other, "2"],
  ]);
  const found = missing({ a: valueOf("/services", { [other]: "2" }) }, draining);
  assert.deepEqual(found, [{ watcher: "a", key }]);
});

test("an entry that is not a watcher's is ignored", () => {
  const found = missing({ a: "", b: "[]", c: "null", d: '{"prefixes":7}', e: '{"prefixes":[7]}' });
  assert.deepEqual(found, []);
  assert.deepEqual(names(missing({ a: '{"session":"7","prefixes":["/services"],"drained":7}' })), [
    "a",
  ]);
});

test("only an entry that the session of its watcher keeps stands for the watcher", () => {
  const value = valueOf("/services", { [key]: "17" });
  const watcher = {
    name: "a",
    prefixes: ["/services"],
    drained: new Map([[key, "17"]]),
    serving: new Map(),
  };
  assert.deepEqual(decodeWatcherEntry(entryOf("a", value, session)), watcher);
  assert.deepEqual(decodeWatcherEntry(entryOf("a", value)), { why: "no session keeps it" });
  const unnamed = '{"prefixes":["/services"],"drained":{}}';
  for (const [text, owner] of [
    [value, "8"],
    [unnamed, session],
  ] as const) {
    const why = "it does not name the session that keeps it";
    assert.deepEqual(decodeWatcherEntry(entryOf("a", text, owner)), { why });
  }
});
