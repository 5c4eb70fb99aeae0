import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Reader } from "../../../../lib/keyspace/file/reader.ts";
import { inodeOf } from "../../../../lib/keyspace/file/remove.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { throwAwayFolder } from "../../../support/process.ts";

test("a scan returns the differences from the previous one, and an orphan is gone", async (t) => {
  const root = await throwAwayFolder(t);
  const clock = new ManualClock();
  const reader = new Reader(root, ["/web"], clock);
  await mkdir(join(root, "web"));
  for (const name of ["a", "b"]) await writeFile(join(root, "web", name), name);
  await writeFile(join(root, "other"), "x");
  const everything = new Set([root]);

  const nothing = { put: new Map(), gone: new Set() };
  assert.deepEqual(await reader.scan(everything, new Set()), nothing);
  await clock.advance(49);
  assert.deepEqual(reader.settledPaths(), []);
  await clock.advance(1);
  const settled = new Set(reader.settledPaths());
  assert.deepEqual(settled, new Set([join(root, "web/a"), join(root, "web/b")]));
  const { put } = await reader.scan(settled, new Set());
  assert.deepEqual([...put.keys()].sort(), ["/web/a", "/web/b"]);
  assert.equal(reader.settledAtMs, Number.POSITIVE_INFINITY);
  assert.deepEqual(await reader.scan(everything, new Set()), nothing);

  const orphan = await inodeOf(join(root, "web/a"));
  const withOrphan = await reader.scan(everything, new Set([orphan ?? 0n]));
  assert.deepEqual(withOrphan, { put: new Map(), gone: new Set(["/web/a"]) });
  assert.deepEqual([...reader.entries.keys()], ["/web/b"]);
});
