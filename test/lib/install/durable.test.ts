import assert from "node:assert/strict";
import { type FileHandle, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { install } from "../../../lib/install/install.ts";
import { throwAwayFolder } from "../../support/process.ts";

/** What a sync puts on disk: a file, or the names in a folder. */
interface Sync {
  readonly of: "file" | "folder";
  /** The text of the synced file. */
  readonly text: string | undefined;
  /** What the target is at that moment; undefined where it does not exist. */
  readonly target: string | undefined;
}

/** Notes each fsync that this process requests from now on, with the state of a target at that moment. */
async function observeSyncs(t: TestContext, target: string): Promise<readonly Sync[]> {
  await using handle = await open(import.meta.filename);
  const prototype: FileHandle = Object.getPrototypeOf(handle);
  const { sync } = prototype;
  const syncs: Sync[] = [];
  t.mock.method(prototype, "sync", async function observed(this: FileHandle) {
    const isFile = (await this.stat()).isFile();
    syncs.push({
      of: isFile ? "file" : "folder",
      text: isFile ? await readFile(`/proc/self/fd/${this.fd}`, "utf8") : undefined,
      target: await readFile(target, "utf8").catch(() => undefined),
    });
    await sync.call(this);
  });
  return syncs;
}

test("a text is on disk before it takes the target's place, and then its name is", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "haproxy.cfg");
  await writeFile(path, "old");
  const syncs = await observeSyncs(t, path);
  const installed = await install({ path }, "new", { clock: systemClock }, t.signal);
  assert.deepEqual(syncs, [
    { of: "file", text: "new", target: "old" },
    { of: "folder", text: undefined, target: "new" },
  ]);
  assert.ok(installed.changed);
  await installed.revert();
  assert.deepEqual(syncs.slice(2), [
    { of: "file", text: "old", target: "new" },
    { of: "folder", text: undefined, target: "old" },
  ]);
  assert.deepEqual(await readdir(folder), ["haproxy.cfg"]);
});

test("the removal of a file that was not there before is on disk, too", async (t) => {
  const path = join(await throwAwayFolder(t), "haproxy.cfg");
  const syncs = await observeSyncs(t, path);
  const installed = await install({ path }, "new", { clock: systemClock }, t.signal);
  assert.ok(installed.changed);
  await installed.revert();
  assert.deepEqual(syncs.at(-1), { of: "folder", text: undefined, target: undefined });
});
