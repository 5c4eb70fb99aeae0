import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Reader } from "../../../../lib/keyspace/file/reader.ts";
import { inodeOf } from "../../../../lib/keyspace/file/remove.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { throwAwayFolder } from "../../../support/process.ts";

test("only what differs from the last look is a change, and a ghost is gone", async (t) => {
  const root = await throwAwayFolder(t);
  const clock = new ManualClock();
  const reader = new Reader(root, ["/web"], clock);
  await mkdir(join(root, "web"));
  for (const name of ["a", "b"]) await writeFile(join(root, "web", name), name);
  await writeFile(join(root, "other"), "x");
  const everything = new Set([root]);

  const nothing = { put: new Map(), gone: new Set() };
  assert.deepEqual(await reader.look(everything, new Set()), nothing);
  await clock.advance(49);
  assert.deepEqual(reader.rested(), []);
  await clock.advance(1);
  const rested = new Set(reader.rested());
  assert.deepEqual(rested, new Set([join(root, "web/a"), join(root, "web/b")]));
  const { put } = await reader.look(rested, new Set());
  assert.deepEqual([...put.keys()].sort(), ["/web/a", "/web/b"]);
  assert.equal(reader.restedAtMs, Number.POSITIVE_INFINITY);
  assert.deepEqual(await reader.look(everything, new Set()), nothing);

  const ghost = await inodeOf(join(root, "web/a"));
  const haunted = await reader.look(everything, new Set([ghost ?? 0n]));
  assert.deepEqual(haunted, { put: new Map(), gone: new Set(["/web/a"]) });
  assert.deepEqual([...reader.entries.keys()], ["/web/b"]);
});
