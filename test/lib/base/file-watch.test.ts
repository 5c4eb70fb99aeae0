import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { watchFiles } from "../../../lib/base/file-watch.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

test("all watched paths are reported first, and then only changed ones", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.hbs");
  await writeFile(path, "1");
  const seen = await following(t, [path]);
  assert.deepEqual(seen.all(), [path]);
  await seen.after("a write in place", path, () => writeFile(path, "2"));
});

test("a file that is replaced, removed or created again is reported, whatever came before", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a.hbs");
  const beside = join(folder, ".a.hbs.tmp");
  await writeFile(path, "0");
  const seen = await following(t, [path]);
  for (let round = 0; round < 3; round += 1) {
    await writeFile(beside, "1");
    await seen.after("an atomic replacement", path, () => rename(beside, path));
    await seen.after("a backup by an editor", path, async () => {
      await rename(path, `${path}~`);
      await writeFile(path, "2");
    });
    await seen.after("a removal", path, () => unlink(path));
    await seen.after("a file created again", path, () => writeFile(path, "3"));
  }
});

test("a file that does not exist yet is reported once it does, even if its folder does not exist yet", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "to/come/a.hbs");
  const seen = await following(t, [path]);
  await mkdir(join(folder, "to/come"), { recursive: true });
  await seen.after("a first file", path, () => writeFile(path, "1"));
  await seen.after("the loss of its folder", path, () =>
    rm(join(folder, "to"), { recursive: true }),
  );
  await mkdir(join(folder, "to/come"), { recursive: true });
  await seen.after("another first file", path, () => writeFile(path, "2"));
});

test("the swap of a mounted ConfigMap is reported for the files that link into it", async (t) => {
  const folder = await throwAwayFolder(t);
  const publish = async (version: string) => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, "a.hbs"), version);
    await symlink(version, join(folder, "..data_tmp"));
    await rename(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  await publish("..1");
  const path = join(folder, "a.hbs");
  await symlink("..data/a.hbs", path);
  const seen = await following(t, [path]);
  for (const [before, after] of [
    ["..1", "..2"],
    ["..2", "..3"],
  ] as const) {
    await seen.after("a swap", path, async () => {
      await publish(after);
      await rm(join(folder, before), { recursive: true });
    });
  }
});

test("a folder is watched recursively, except for ignored paths", async (t) => {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, ".hidden"));
  const seen = await following(t, [folder]);
  await writeFile(join(folder, ".hidden/a"), "1");
  await writeFile(join(folder, ".a"), "1");
  const deep = join(folder, "services/web/a");
  await seen.after("a file in a new folder", deep, async () => {
    await mkdir(join(folder, "services/web"), { recursive: true });
    await writeFile(deep, "1");
  });
  await seen.after("its removal", deep, () => unlink(deep));
  const hidden = seen.all().filter((path) => path.includes("/."));
  assert.deepEqual(hidden, []);
});

test("changes made before the watch is ready are covered by the initial report", async (t) => {
  const folder = await throwAwayFolder(t);
  for (let i = 0; i < 200; i += 1) await mkdir(join(folder, `${i}`));
  await using files = watchFiles([folder], { ignored: isHidden });
  let ready = false;
  const initial = files.changed(t.signal).then(() => {
    ready = true;
    return files.take();
  });
  for (let i = 0; !ready; i += 1) await writeFile(join(folder, `${i % 200}`, "a"), "1");
  assert.ok((await initial).has(folder));
});

test("changes are collected until they are taken", async (t) => {
  const folder = await throwAwayFolder(t);
  await using files = watchFiles([folder], { ignored: isHidden });
  await files.changed(t.signal);
  assert.deepEqual(files.take(), new Set([folder]));
  assert.deepEqual(files.take(), new Set());
  const paths = Array.from({ length: 50 }, (_, i) => join(folder, `${i}`));
  for (const path of paths) await writeFile(path, "1");
  const collected = new Set<string>();
  await eventually("all paths are reported", async () => {
    await files.changed(AbortSignal.timeout(5000));
    for (const path of files.take()) collected.add(path);
    return paths.every((path) => collected.has(path));
  });
});

test("however fast a file is created and removed, its last state is reported", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "a");
  await using files = watchFiles([path], { ignored: isHidden });
  let exists: boolean | undefined;
  const inspect = async () => {
    if (files.take().size > 0) exists = existsSync(path);
  };
  const observed = async (state: boolean) =>
    await eventually(`observed as existing: ${state}`, async () => {
      await inspect();
      return exists === state;
    });
  for (let round = 0; round < 60; round += 1) {
    await writeFile(path, "1");
    await observed(true);
    await rename(path, `${path}~`);
    await writeFile(path, "2");
    await files.changed(t.signal);
    await inspect();
    await unlink(path);
    await observed(false);
  }
});

test("waiting rejects when the signal aborts, also before the watch is ready", async (t) => {
  const folder = await throwAwayFolder(t);
  await using files = watchFiles([folder], { ignored: isHidden });
  const enough = { message: "enough" };
  await assert.rejects(files.changed(AbortSignal.abort(new Error("enough"))), enough);
  const stop = new AbortController();
  await files.changed(stop.signal);
  files.take();
  const waiting = files.changed(stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(waiting, enough);
});

const isHidden = (path: string): boolean => basename(path).startsWith(".");

/** Watches paths until the test is over; resolves once the watch is ready. */
async function following(t: TestContext, paths: readonly string[]) {
  const seen: string[] = [];
  const stop = new AbortController();
  const run = async () => {
    await using files = watchFiles(paths, { ignored: isHidden });
    for (;;) {
      await files.changed(stop.signal);
      seen.push(...files.take());
    }
  };
  const running = run().catch((error) => assert.equal(error, stop.signal.reason));
  t.after(async () => {
    stop.abort();
    await running;
  });
  await eventually("the watch is ready", () => seen.length > 0);
  return {
    all: () => [...seen],
    /** Makes a change and waits until `path` is reported. */
    after: async (what: string, path: string, change: () => Promise<void>) => {
      const before = seen.length;
      await change();
      await eventually(what, () => seen.indexOf(path, before) >= 0);
    },
  };
}
