import assert from "node:assert/strict";
import { test } from "node:test";
import { Touched } from "../../../../lib/keyspace/zookeeper/touched.ts";

test("a path is handed over once, however often it changed", async (t) => {
  const touched = new Touched();
  for (let i = 0; i < 10_000; i += 1) touched.add(`/web/${i % 3}`, "data");
  touched.add("/web", "children");
  const { data, children } = await touched.take(t.signal);
  assert.deepEqual([...data], ["/web/0", "/web/1", "/web/2"]);
  assert.deepEqual([...children], ["/web"]);
});

test("what was handed over is waited for anew", async (t) => {
  const touched = new Touched();
  touched.add("/web/a", "data");
  await touched.take(t.signal);
  const taking = touched.take(t.signal);
  touched.add("/web", "children");
  const { data, children } = await taking;
  assert.deepEqual([[...data], [...children]], [[], ["/web"]]);
});
