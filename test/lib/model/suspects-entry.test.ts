import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeSuspects,
  describeSuspect,
  encodeSuspects,
  reportersOf,
  type Suspect,
  type Suspects,
  suspectsKeyOf,
} from "../../../lib/model/suspects-entry.ts";

const unconnected: Suspect = { suspicion: "cannot connect", why: "" };

function decoded(value: string, owner: string | undefined = "7") {
  return decodeSuspects({ key: suspectsKeyOf("edge"), value, revision: "1", owner });
}

test("suspects are read as they were written", () => {
  const all: Suspects = new Map([
    ["/services/web/a", unconnected],
    ["/services/web/b", { suspicion: "responses fail", why: "" }],
    ["/services/web/c", { suspicion: "excluded", why: "its check cannot connect: (L4CON)" }],
  ]);
  assert.deepEqual(decoded(encodeSuspects("7", all)), { watcher: "edge", suspects: all });
});

test("an entry that another session keeps, or none, reports nothing", () => {
  const value = encodeSuspects("7", new Map([["/services/web/a", unconnected]]));
  assert.equal(decoded(value, "8"), undefined);
  assert.equal(decodeSuspects({ key: suspectsKeyOf("edge"), value, revision: "1" }), undefined);
  assert.equal(decoded("{}"), undefined);
  assert.equal(decoded("7"), undefined);
});

test("a text without the form of a suspicion is left out", () => {
  const suspects = { a: "cannot connect", b: 7, c: "cannot", d: "excluded by x", e: "excluded: x" };
  const read = decoded(JSON.stringify({ session: "7", suspects }));
  assert.deepEqual([...(read?.suspects.keys() ?? [])], ["a", "e"]);
  assert.equal(decoded(JSON.stringify({ session: "7", suspects: "x" }))?.suspects.size, 0);
});

test("an entry has at most 100 suspects, with short reasons", () => {
  const many = Array.from({ length: 150 }, (_, i) => [`/s/${1000 + i}`, unconnected] as const);
  const long = { suspicion: "excluded", why: "x".repeat(500) } as const;
  const written = encodeSuspects("7", new Map([...many, ["/a", long] as const]));
  const read = decoded(written)?.suspects;
  assert.equal(read?.size, 100);
  assert.equal(read?.get("/a")?.why, "x".repeat(100));
});

test("only watchers that read the folder of an instance report it", () => {
  const suspects: Suspects = new Map([["/services/web/a", unconnected]]);
  const reports = ["two", "one", "other", "gone"].map((watcher) => ({ watcher, suspects }));
  const watchers = [
    ...["one", "two", "three"].map((name) => ({ name, prefixes: ["/services"] })),
    { name: "other", prefixes: ["/services/api"] },
  ];
  const { failing, of } = reportersOf("/services/web/a", reports, watchers);
  assert.deepEqual([[...failing.keys()], of], [["one", "two"], 3]);
  assert.equal(reportersOf("/services/web/b", reports, watchers).failing.size, 0);
});

test("a suspicion is described", () => {
  const words = [
    describeSuspect(unconnected),
    describeSuspect({ suspicion: "responses fail", why: "" }, 1),
    describeSuspect({ suspicion: "excluded", why: "its check cannot connect (L4CON)" }),
    describeSuspect({ suspicion: "excluded", why: "" }, 1),
  ];
  assert.deepEqual(words, [
    "cannot connect to it",
    "gets failed responses from it",
    "exclude it: its check cannot connect (L4CON)",
    "excludes it",
  ]);
});
