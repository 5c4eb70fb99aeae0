import assert from "node:assert/strict";
import { link, mkdir, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { createFileKeyspace } from "../../../../lib/keyspace/file/keyspace.ts";
import { sessionsOf } from "../../../../lib/keyspace/file/sweep.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import { eventually, outputOf, throwAwayFolder } from "../../../support/process.ts";

/** A keyspace in a folder of its own, and a file outside of it that must not be read. */
async function opened(t: TestContext) {
  const parent = await throwAwayFolder(t);
  const folder = join(parent, "keyspace");
  await writeFile(join(parent, "secret"), "the secret");
  await mkdir(join(folder, "web"), { recursive: true });
  await writeFile(join(folder, "web/good"), "10.0.0.1:80");
  const keyspace = createFileKeyspace({ folder, clock: systemClock });
  return { parent, folder, keyspace, web: (name: string) => join(folder, "web", name) };
}

/** The snapshot of a watch, from its first batch on. */
async function following(t: TestContext, keyspace: ReturnType<typeof createFileKeyspace>) {
  const seen = { snapshot: Snapshot.empty, count: 0 };
  const ending = new AbortController();
  const watching = (async () => {
    for await (const batch of keyspace.watch(["/web"], ending.signal)) {
      seen.snapshot = seen.snapshot.after(batch);
      seen.count += 1;
    }
  })();
  const ended = watching.catch(() => {});
  t.after(async () => {
    ending.abort();
    await ended;
  });
  await eventually("the first batch", () => seen.count > 0);
  return {
    keys: () => seen.snapshot.chunks.flat().map(({ key }) => key),
    unreadable: () => Object.fromEntries(seen.snapshot.unreadable.map((u) => [u.key, u.why])),
    /** Ends the watch and resolves once it has ended. */
    end: async () => {
      ending.abort();
      await ended;
    },
  };
}

test("a file that is not a regular one of at most 1 MiB is unreadable by itself, and is not opened", async (t) => {
  const { parent, keyspace, web } = await opened(t);
  await outputOf(["mkfifo", web("fifo")]);
  await symlink(web("fifo"), web("link-to-fifo"));
  const server = createServer().listen(web("socket"));
  t.after(() => server.close());
  await writeFile(web("long"), "");
  await truncate(web("long"), 600 * 1024 * 1024);
  await writeFile(web("longest"), Buffer.alloc(1024 * 1024, "x"));
  await symlink(join(parent, "secret"), web("link"));
  await symlink(parent, web("folder-link"));
  await symlink("/dev/zero", web("device-link"));
  await symlink("good", web("link-to-good"));
  const { keys, unreadable, end } = await following(t, keyspace);
  assert.deepEqual(keys(), ["/web/good", "/web/link-to-good", "/web/longest"]);
  const outside = "it is a link to a path outside of the keyspace folder";
  assert.deepEqual(unreadable(), {
    "/web/device-link": outside,
    "/web/fifo": "it is a FIFO, not a regular file",
    "/web/folder-link": outside,
    "/web/link": outside,
    "/web/link-to-fifo": "it is a FIFO, not a regular file",
    "/web/long": "it is longer than 1 MiB",
    "/web/socket": "it is a socket, not a regular file",
  });
  await end();
});

test("an entry that becomes unreadable is gone, and returns with a regular file", async (t) => {
  const { keyspace, web } = await opened(t);
  const { keys, unreadable } = await following(t, keyspace);
  assert.deepEqual([keys(), unreadable()], [["/web/good"], {}]);
  await outputOf(["mkfifo", web(".fifo")]);
  await rename(web(".fifo"), web("good"));
  await eventually("the FIFO is unreadable", () => unreadable()["/web/good"] !== undefined);
  assert.deepEqual(keys(), []);
  await writeFile(web(".new"), "10.0.0.1:80");
  await rename(web(".new"), web("good"));
  await eventually("the entry is back", () => keys().length === 1);
  assert.deepEqual(unreadable(), {});
  await truncate(web("good"), 2 * 1024 * 1024);
  await eventually("the file is too long", () => unreadable()["/web/good"] !== undefined);
  await rm(web("good"));
  await eventually("nothing is left", () => Object.keys(unreadable()).length === 0);
  assert.deepEqual(keys(), []);
});

test("a session whose heartbeat is not a regular file has expired, and blocks neither readers nor writers", async (t) => {
  const { parent, folder, keyspace, web } = await opened(t);
  for (const name of ["a", "b", "c"]) {
    const session = join(sessionsOf(folder), name);
    const entry = join(session, "entries/web", name);
    await mkdir(dirname(entry), { recursive: true });
    await writeFile(web(name), "10.0.0.2:80");
    await link(web(name), entry);
  }
  await outputOf(["mkfifo", join(sessionsOf(folder), "a/heartbeat")]);
  await symlink(join(parent, "secret"), join(sessionsOf(folder), "b/heartbeat"));
  await writeFile(join(sessionsOf(folder), "c/heartbeat"), "");
  await truncate(join(sessionsOf(folder), "c/heartbeat"), 600 * 1024 * 1024);
  const { keys } = await following(t, keyspace);
  await eventually("the entries are gone", () => keys().length === 1);
  const session = await keyspace.open(60_000, t.signal);
  await session.put("/web/a", "10.0.0.3:80", t.signal);
  await eventually("the entry is there", () => keys().includes("/web/a"));
  await session.close();
});

test("a key whose file is a FIFO of another session is taken over", async (t) => {
  const { folder, keyspace, web } = await opened(t);
  const rival = await keyspace.open(60_000, t.signal);
  t.after(() => rival.close());
  await rival.put("/web/a", "10.0.0.2:80", t.signal);
  const [name = ""] = await outputOf(["ls", sessionsOf(folder)]).then((text) => text.split("\n"));
  const own = join(sessionsOf(folder), name, "entries/web/a");
  for (const path of [own, web("a")]) await rm(path);
  await outputOf(["mkfifo", own]);
  await link(own, web("a"));
  const session = await keyspace.open(60_000, t.signal);
  t.after(() => session.close());
  assert.equal(await session.put("/web/a", "10.0.0.3:80", t.signal), "/web/a");
});
