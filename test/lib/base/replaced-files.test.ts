import assert from "node:assert/strict";
import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FileWatch } from "../../../lib/base/file-watch.ts";
import { watchReplacedFiles } from "../../../lib/base/replaced-files.ts";
import { CleanupScope } from "../../support/cleanup-scope.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

/** A watch of these files of which nothing is pending. */
function watched(t: TestContext, paths: readonly string[]): FileWatch {
  const files = watchReplacedFiles(paths);
  t.after(() => files[Symbol.asyncDispose]());
  assert.deepEqual(files.take(), new Set(paths), "all paths are reported first");
  return files;
}

/** Waits until exactly these are reported. */
async function reports(files: FileWatch, what: string, paths: readonly string[]): Promise<void> {
  const seen = new Set<string>();
  await eventually(`${what} is reported`, () => {
    for (const path of files.take()) seen.add(path);
    return paths.every((path) => seen.has(path));
  });
  assert.deepEqual([...seen].sort(), [...paths].sort());
}

test("each change of a file is reported, and those of others in its folder are not", async (t) => {
  const folder = await throwAwayFolder(t);
  const [path, other] = [join(folder, "a.cfg"), join(folder, "b.cfg")];
  await writeFile(path, "0");
  const files = watched(t, [path, other]);
  const beside = join(folder, ".a.cfg.tmp");
  for (let round = 0; round < 3; round += 1) {
    await writeFile(beside, "1");
    await rename(beside, path);
    await reports(files, "a replacement", [path]);
    await writeFile(path, "2");
    await reports(files, "a write in place", [path]);
    await chmod(path, 0o640);
    await reports(files, "another mode", [path]);
    await unlink(path);
    await reports(files, "a removal", [path]);
    await writeFile(path, "3");
    await reports(files, "a file that is created again", [path]);
  }
});

test("a waiting reader is woken by a change, and only by one", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.cfg");
  const files = watched(t, [path]);
  await using scope = new CleanupScope();
  const aborted = new AbortController();
  scope.after(() => aborted.abort());
  let woken = false;
  const changed = files.changed(aborted.signal).then(() => {
    woken = true;
  });
  const files2 = watched(t, [join(folder, "b.cfg")]);
  await writeFile(join(folder, "b.cfg"), "1");
  await reports(files2, "the other file", [join(folder, "b.cfg")]);
  assert.equal(woken, false);
  await writeFile(path, "1");
  await changed;
});

test("a folder that is lost counts as changed until it is there again, and is watched from then on", async (t) => {
  const root = await throwAwayFolder(t);
  const folder = join(root, "later");
  const path = join(folder, "a.cfg");
  const files = watched(t, [path]);
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(files.take(), new Set([path]), "it cannot be watched");
    await mkdir(folder);
    assert.deepEqual(files.take(), new Set([path]), "it may have changed before it was watched");
    assert.deepEqual(files.take(), new Set(), "it is watched");
    await writeFile(path, "1");
    await reports(files, "a first file", [path]);
    await rename(folder, `${folder}.${round}`);
    await eventually("the loss of the folder is reported", () => {
      files.take();
      return files.take().size > 0;
    });
  }
});

test("a link is reported when it changes, and when the file changes that it names", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "links/a.cfg");
  for (const name of ["links", "one", "two"]) await mkdir(join(folder, name));
  await symlink(join(folder, "one/a.cfg"), path);
  for (const name of ["one", "two"]) await writeFile(join(folder, name, "a.cfg"), "1");
  const files = watched(t, [path]);
  await writeFile(join(folder, "one/a.cfg"), "2");
  await reports(files, "the file that it names", [path]);
  await symlink(join(folder, "two/a.cfg"), `${path}.tmp`);
  await rename(`${path}.tmp`, path);
  await reports(files, "another target", [path]);
  await eventually("the other file is watched", async () => {
    await writeFile(join(folder, "two/a.cfg"), "3");
    return files.take().size > 0;
  });
  await rm(path);
  await reports(files, "a removal", [path]);
});
