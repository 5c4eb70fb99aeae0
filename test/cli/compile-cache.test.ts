import assert from "node:assert/strict";
import { chmod, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { compileCacheFolder } from "../../cli/compile-cache.ts";
import { throwAwayFolder } from "../support/process.ts";

const uid = process.getuid?.();

/** A home, and the result for it; `shipped` is a folder of an image. */
async function scene(t: TestContext) {
  const home = await throwAwayFolder(t);
  const shipped = join(home, "image/cache");
  const own = join(home, ".cache/sidekick");
  const folder = (env = {}) => compileCacheFolder({ env, uid, home, shipped });
  return { home, shipped, own, folder };
}

test("the cache is a folder of the user that no other user can enter", async (t) => {
  const { home, own, folder } = await scene(t);
  assert.equal(folder(), own);
  assert.equal(folder(), own, "it is used again");
  assert.equal(folder({ XDG_CACHE_HOME: join(home, "caches") }), join(home, "caches/sidekick"));
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
  for (const path of [own, dirname(own), home]) {
    await chmod(path, 0o777);
    assert.equal(folder(), undefined, path);
    await chmod(path, 0o700);
  }
  assert.equal(folder(), own);
});

test("a link is not followed", async (t) => {
  const { home, own, folder } = await scene(t);
  await mkdir(join(home, "elsewhere"));
  await mkdir(dirname(own));
  await symlink(join(home, "elsewhere"), own);
  assert.equal(folder(), undefined);
});

test("without a home that belongs to the user there is no cache, and nothing is created", async (t) => {
  const { home, folder } = await scene(t);
  assert.equal(
    compileCacheFolder({ env: {}, uid, home: join(home, "missing"), shipped: join(home, "no") }),
    undefined,
  );
  const other = (uid ?? 0) + 1;
  const foreign = compileCacheFolder({ env: {}, uid: other, home, shipped: join(home, "no") });
  // The folders of root are trusted by all users, those of another user are not.
  assert.equal(foreign, uid === 0 ? join(home, ".cache/sidekick") : undefined);
  await chmod(home, 0o777);
  const before = await readdir(home);
  folder({ XDG_CACHE_HOME: join(home, "new") });
  assert.deepEqual(await readdir(home), before);
});
