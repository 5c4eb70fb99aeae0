import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { NameWatch } from "../../../lib/base/name-watch.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { running } from "../../support/service.ts";

/** Watches files, each with a cell of its own. */
async function watched(t: TestContext, ...paths: readonly string[]) {
  const clock = new ManualClock();
  const cells = paths.map(() => new Cell<unknown>(undefined));
  const watch = new NameWatch(new Map(cells.map((cell, i) => [cell, [paths[i] ?? ""]])));
  running(t, { run: (signal) => watch.run(clock, signal) }, clock);
  await clock.advance(0);
  const touched = async (i: number, change: () => Promise<unknown>) => {
    const before = cells[i]?.version ?? 0;
    await change();
    await eventually(`file ${i} is reported`, () => (cells[i]?.version ?? 0) > before);
  };
  return { clock, cells, touched };
}

test("a file that is written, replaced or removed is reported, and no other one of its folder", async (t) => {
  const folder = await throwAwayFolder(t);
  const [one, other] = [join(folder, "one"), join(folder, "other")];
  await writeFile(one, "");
  await writeFile(other, "");
  const { cells, touched } = await watched(t, one, other);
  const before = cells[1]?.version;
  await touched(0, () => writeFile(one, "written"));
  await writeFile(join(folder, "staged"), "replaced");
  await touched(0, () => rename(join(folder, "staged"), one));
  await touched(0, () => rm(one));
  await touched(0, () => writeFile(one, "again"));
  assert.equal(cells[1]?.version, before);
});

test("a change of the file that a link leads to is reported", async (t) => {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "real"));
  await writeFile(join(folder, "real", "file"), "");
  await symlink(join("real", "file"), join(folder, "link"));
  const { touched } = await watched(t, join(folder, "link"));
  await touched(0, () => writeFile(join(folder, "real", "file"), "changed"));
});

test("a folder that is made later, or replaced by another one, is watched from the next look on", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "later", "file");
  const { clock, touched } = await watched(t, path);
  await mkdir(join(folder, "later"));
  await touched(0, () => clock.advance(10_000));
  await touched(0, () => writeFile(path, "first"));
  await rename(join(folder, "later"), join(folder, "earlier"));
  await mkdir(join(folder, "later"));
  await touched(0, () => clock.advance(10_000));
  await touched(0, () => writeFile(path, "second"));
});
