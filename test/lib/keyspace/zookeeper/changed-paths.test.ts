import assert from "node:assert/strict";
import { test } from "node:test";
import { ChangedPaths } from "../../../../lib/keyspace/zookeeper/changed-paths.ts";

test("a path is returned once, however often it changed", async (t) => {
  const changed = new ChangedPaths();
  for (let i = 0; i < 10_000; i += 1) changed.add(`/web/${i % 3}`, "data");
  changed.add("/web", "children");
  const { data, children } = await changed.take(t.signal);
  assert.deepEqual([...data], ["/web/0", "/web/1", "/web/2"]);
  assert.deepEqual([...children], ["/web"]);
});

test("a path that was taken is not returned again", async (t) => {
  const changed = new ChangedPaths();
  changed.add("/web/a", "data");
  await changed.take(t.signal);
  const taking = changed.take(t.signal);
  changed.add("/web", "children");
  const { data, children } = await taking;
  assert.deepEqual([[...data], [...children]], [[], ["/web"]]);
});
