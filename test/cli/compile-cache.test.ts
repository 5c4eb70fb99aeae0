import assert from "node:assert/strict";
import { chmod, mkdir, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { compileCacheFolder } from "../../cli/compile-cache.ts";
import { throwAwayFolder } from "../support/process.ts";

const uid = process.getuid?.();

/** A home, and the result for it; `shipped` is a folder of an image. */
async function scene(t: TestContext) {
  const home = await throwAwayFolder(t);
  const shipped = join(home, "image/cache");
  const own = join(home, ".cache/sidekick/1.2.3");
  const folder = (env = {}) =>
    compileCacheFolder({ env, uid, home, shipped, version: "1.2.3", nowMs: Date.now() });
  return { home, shipped, own, folder };
}

test("the cache is a folder of the user that no other user can enter", async (t) => {
  const { home, own, folder } = await scene(t);
  assert.equal(folder(), own);
  assert.equal(folder(), own, "it is used again");
  assert.equal(
    folder({ XDG_CACHE_HOME: join(home, "caches") }),
    join(home, "caches/sidekick/1.2.3"),
  );
  assert.equal(folder({ XDG_CACHE_HOME: "caches" }), own, "a relative path is ignored");
});

test("the cache of an image comes first", async (t) => {
  const { shipped, folder } = await scene(t);
  await mkdir(shipped, { recursive: true });
  assert.equal(folder(), shipped);
});

test("a folder that others may write to, or replace, is never used", async (t) => {
  const { home, own, shipped, folder } = await scene(t);
  await mkdir(own, { recursive: true });
  await mkdir(shipped, { recursive: true });
  for (const path of [shipped, dirname(shipped)]) {
    for (const mode of [0o777, 0o770, 0o757]) {
      await chmod(path, mode);
      assert.equal(folder(), own, `${path} with ${mode.toString(8)}`);
    }
    await chmod(path, 0o700);
  }
  await chmod(shipped, 0o777);
  for (const path of [own, dirname(own), dirname(dirname(own)), home]) {
    await chmod(path, 0o777);
    assert.equal(folder(), undefined, path);
    await chmod(path, 0o700);
  }
  assert.equal(folder(), own);
});

test("a link is not followed", async (t) => {
  const { home, own, folder } = await scene(t);
  await mkdir(join(home, "elsewhere"));
  for (const path of [dirname(own), own]) {
    await mkdir(dirname(path), { recursive: true });
    await symlink(join(home, "elsewhere"), path);
    assert.equal(folder(), undefined, path);
    await rm(path);
  }
});

test("without a home that belongs to the user there is no cache, and nothing is created", async (t) => {
  const { home, folder } = await scene(t);
  const none = { env: {}, shipped: join(home, "no"), version: "1", nowMs: Date.now() };
  assert.equal(compileCacheFolder({ ...none, uid, home: join(home, "missing") }), undefined);
  const other = (uid ?? 0) + 1;
  const foreign = compileCacheFolder({ ...none, uid: other, home });
  // The folders of root are trusted by all users, those of another user are not.
  assert.equal(foreign, uid === 0 ? join(home, ".cache/sidekick/1") : undefined);
  await chmod(home, 0o777);
  const before = await readdir(home);
  folder({ XDG_CACHE_HOME: join(home, "new") });
  assert.deepEqual(await readdir(home), before);
});

test("a new version removes the caches that no start has used for 30 days, and leaves the ones beside it", async (t) => {
  const home = await throwAwayFolder(t);
  const all = join(home, ".cache/sidekick");
  const dayMs = 86_400_000;
  const startMs = Date.now();
  const begin = (version: string, day: number) => {
    const given = { env: {}, uid, home, shipped: join(home, "no"), version };
    // A folder that is new has the time of the system: the second start marks it.
    for (const _ of [1, 2]) compileCacheFolder({ ...given, nowMs: startMs + day * dayMs });
  };
  const there = async () => (await readdir(all)).sort();
  // Folders of Node.js as former versions have made them, and what is none of ours.
  for (const name of ["v24.1.0-x64-0-0", "notes", "1.0.0"]) {
    await mkdir(join(all, name), { recursive: true, mode: 0o700 });
    await writeFile(join(all, name, "code"), "");
    await utimes(join(all, name), startMs / 1000, startMs / 1000);
  }
  await mkdir(join(home, "elsewhere"));
  await symlink(join(home, "elsewhere"), join(all, "0.1.0"));
  begin("1.0.0", 20);
  assert.equal((await stat(join(all, "1.0.0"))).mtimeMs, startMs + 20 * dayMs, "it is in use");
  begin("1.1.0", 29);
  assert.deepEqual(await there(), ["0.1.0", "1.0.0", "1.1.0", "notes", "v24.1.0-x64-0-0"]);
  begin("1.1.0", 40);
  assert.ok((await there()).includes("v24.1.0-x64-0-0"), "only a new version removes");
  begin("1.2.0", 40);
  assert.deepEqual(await there(), ["0.1.0", "1.0.0", "1.1.0", "1.2.0", "notes"]);
  begin("1.3.0", 60);
  assert.deepEqual(await there(), ["0.1.0", "1.1.0", "1.2.0", "1.3.0", "notes"]);
});
