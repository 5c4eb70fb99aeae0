import assert from "node:assert/strict";
import { test } from "node:test";
import { walk } from "../../../../lib/keyspace/zookeeper/walk.ts";

test("a level is visited completely before its children are requested", async (t) => {
  const tree: Readonly<Record<string, readonly string[]>> = {
    "/a": ["/a/1", "/a/2"],
    "/a/1": ["/a/1/x"],
    "/b": ["/b/1"],
  };
  const steps: string[] = [];
  const visit = async (path: string) => {
    await null;
    steps.push(path);
    return path in tree;
  };
  const below = async (path: string) => {
    steps.push(`below ${path}`);
    return tree[path] ?? [];
  };
  const from = { data: new Set(["/a", "/gone"]), children: new Set(["/b"]) };
  await walk(from, { visit, below }, t.signal);
  assert.deepEqual(steps, [
    ...["/a", "/gone", "below /b", "below /a"],
    ...["/b/1", "/a/1", "/a/2", "below /a/1"],
    "/a/1/x",
  ]);
});

test("a walk fails with the first step that fails", async (t) => {
  const visit = async () => await Promise.reject(new Error("denied"));
  const from = { data: new Set(["/a"]), children: new Set<string>() };
  await assert.rejects(walk(from, { visit, below: async () => [] }, t.signal), /denied/);
});
