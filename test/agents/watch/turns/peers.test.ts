import assert from "node:assert/strict";
import { test } from "node:test";
import { isProved, refusedByPeers, slotsOf } from "../../../../agents/watch/turns/peers.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import type { Watcher } from "../../../../lib/model/watcher-entry.ts";
import type { WatcherFile } from "../../../../lib/model/watcher-file.ts";

const judge = "0123456789ab";

function watcher(name: string, file: Partial<WatcherFile>): Watcher {
  const own = { target: "/it", state: "in sync", generation: 1, judge, ...file } as const;
  const none = { prefixes: [], drained: new Map(), serving: new Map() };
  return { name, turns: "edge", ...none, files: { files: [own] } };
}

const entries = new Map(
  ["/a@1", "/b@2", "/c@3"].map((text) => {
    const [key = "", revision = ""] = text.split("@");
    return [key, { key, revision, value: text }];
  }),
);
const snapshot = Snapshot.empty.after({ kind: "reset", revision: "9", entries });

test("a share is of all watchers of the group, and one of them may always reload", () => {
  const slots = [1, 3, 4, 10, 100].map((count) => slotsOf({ max: { share: 0.25 } }, count));
  assert.deepEqual(slots, [1, 1, 1, 2, 25]);
  assert.equal(slotsOf({ max: { count: 3 } }, 1), 3);
});

test("a peer is believed that has the same templates, about the entry as it is now", () => {
  const keys = (...peers: readonly Watcher[]) =>
    refusedByPeers(peers, judge, snapshot).map(({ item, why }) => `${item.key} ${why}`);
  const one = watcher("one", { refused: "/a@1", refusedToo: ["/b@2", "/c@2", "/gone@4"] });
  assert.deepEqual(keys(one), [
    "/a the watcher one was refused it",
    "/b the watcher one was refused it",
  ]);
  assert.deepEqual(keys(watcher("two", { refused: "/a@1", judge: "another" })), []);
  assert.deepEqual(keys(watcher("two", { refused: "…/a@1" }), one).length, 2);
});

test("a change is proved by a peer that is in sync with it and has given its turn back", () => {
  const proved = (file: Partial<WatcherFile>, revision?: bigint, ...queued: readonly string[]) =>
    isProved([watcher("one", file)], judge, revision, new Set(queued));
  assert.ok(proved({ revision: "10" }, 9n));
  assert.ok(proved({ revision: "9" }, 9n));
  assert.ok(!proved({ revision: "8" }, 9n));
  assert.ok(!proved({ revision: "10" }, 9n, "one"));
  assert.ok(!proved({ revision: "10", state: "failing" }, 9n));
  assert.ok(!proved({ revision: "10", judge: "another" }, 9n));
  assert.ok(!proved({}, 9n));
  assert.ok(!proved({ revision: "10" }, undefined));
});
