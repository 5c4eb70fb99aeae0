import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { createFileKeyspace } from "../../../lib/keyspace/file/keyspace.ts";
import { readSnapshot } from "../../../lib/keyspace/read-snapshot.ts";
import { valuesSeen, watching } from "../../conformance/keyspace-watching.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

test("file: a key is a plain file, and is removed with its folders", async (t) => {
  const { folder, session } = await opened(t);
  await session.put("/services/web/10.0.0.1:80", "up", t.signal);
  assert.equal(await readFile(join(folder, "services/web/10.0.0.1:80"), "utf8"), "up");
  await session.remove("/services/web/10.0.0.1:80", t.signal);
  assert.deepEqual(await readdir(folder), [".sessions"]);
});

test("file: closing a session removes all its files", async (t) => {
  const { folder, session } = await opened(t);
  await session.put("/services/web/a", "up", t.signal);
  await session.put("/services/web/a", "down", t.signal);
  await session.close();
  assert.deepEqual(await readdir(folder, { recursive: true }), [".sessions"]);
});

test("file: a file written with echo is an entry, without the line break", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "services/web/before"), "1\n");
  const observed = await watching(t, keyspace, ["/services"]).ready();
  assert.deepEqual(valuesSeen(observed), { "/services/web/before": "1" });
  await write(join(folder, "services/web/after"), "2\n");
  await observed.until({ "/services/web/before": "1", "/services/web/after": "2" });
  await rm(join(folder, "services/web/before"));
  await observed.until({ "/services/web/after": "2" });
});

test("file: a file is not an entry before it is complete", async (t) => {
  const { folder, keyspace } = await opened(t);
  const path = join(folder, "web/a");
  await write(path, "old");
  const observed = await watching(t, keyspace, ["/web"]).ready();
  await writeFile(path, "");
  for (const part of ["ha", "lf", " wri", "tten"]) {
    await systemClock.sleep(15, t.signal);
    await writeFile(path, part, { flag: "a" });
  }
  await observed.until({ "/web/a": "half written" });
  assert.deepEqual(observed.history("/web/a"), ["old", "half written"]);
});

test("file: a session's file that is rewritten in place is not read before it is complete", async (t) => {
  const { folder, keyspace, session } = await opened(t);
  await session.put("/web/a", "ours", t.signal);
  const observed = await watching(t, keyspace, ["/web"]).ready();
  await writeFile(join(folder, "web/a"), "");
  await systemClock.sleep(15, t.signal);
  await writeFile(join(folder, "web/a"), "theirs");
  await observed.until({ "/web/a": "theirs" });
  assert.deepEqual(observed.history("/web/a"), ["ours", "theirs"]);
});

test("file: a file that changes all the time does not delay the others", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  let done = false;
  const writing = (async () => {
    while (!t.signal.aborted && !done) {
      // Without a pause: on a busy machine one may take so long that the file counts as complete.
      await writeFile(join(folder, "web/log"), "another line\n", { flag: "a" });
    }
  })();
  const observed = await watching(t, keyspace, ["/web"]).ready();
  done = true;
  await writing;
  assert.deepEqual(valuesSeen(observed), { "/web/a": "1" });
});

test("file: names that are not keys are ignored", async (t) => {
  const { folder, keyspace } = await opened(t);
  for (const name of [".hidden", ".web.0123456789ab.tmp", "50%", "%2x", "%2E", "a%2E"]) {
    await write(join(folder, "web", name), name);
  }
  await symlink("loop", join(folder, "web/loop"));
  await symlink("nowhere", join(folder, "web/dangling"));
  const observed = await watching(t, keyspace, ["/web"]).ready();
  assert.deepEqual(valuesSeen(observed), { "/web/.": "%2E" });
});

test("file: a mounted ConfigMap is read, and its swap within ten seconds", async (t) => {
  const folder = await newFolder(t);
  const clock = new ManualClock();
  const swap = async (version: string) => {
    await write(join(folder, "web", version, "a"), version);
    await symlink(version, join(folder, "web/..data_tmp"));
    await rename(join(folder, "web/..data_tmp"), join(folder, "web/..data"));
  };
  await swap("..1");
  await symlink("..data/a", join(folder, "web/a"));
  const observed = watching(t, createFileKeyspace({ folder, clock }), ["/web"]);
  const advanceUntil = async (ms: number, value: string) =>
    await eventually(value, async () => {
      await clock.advance(ms);
      return valuesSeen(observed)["/web/a"] === value;
    });
  await advanceUntil(10, "..1");
  await swap("..2");
  await advanceUntil(1000, "..2");
});

test("file: a folder that is moved away removes its keys, and moved back adds them again", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  await write(join(folder, "web/deeper/b"), "2");
  await write(join(folder, "other"), "3");
  const observed = await watching(t, keyspace, ["/"]).ready();
  await rename(join(folder, "web"), join(folder, ".away"));
  await observed.until({ "/other": "3" });
  await rename(join(folder, ".away"), join(folder, "web"));
  await observed.until({ "/web/a": "1", "/web/deeper/b": "2", "/other": "3" });
  await rm(folder, { recursive: true });
  await observed.until({});
  await write(join(folder, "web/a"), "4");
  await observed.until({ "/web/a": "4" });
});

test("file: a key that would be both file and folder is rejected, and leaves no file", async (t) => {
  const { folder, session } = await opened(t);
  await session.put("/web", "1", t.signal);
  const conflict = { code: "KEYSPACE_FILE_CONFLICT", retry: true };
  await assert.rejects(session.put("/web/a", "2", t.signal), conflict);
  await session.put("/app/a", "3", t.signal);
  await assert.rejects(session.put("/app", "4", t.signal), conflict);
  const files = await readdir(folder, { recursive: true });
  assert.deepEqual(
    files.filter((path) => path.endsWith(".tmp")),
    [],
  );
  await session.close();
  assert.deepEqual(await readdir(folder, { recursive: true }), [".sessions"]);
});

test("file: a reader of a folder that has to exist does not create it", async (t) => {
  const folder = join(await throwAwayFolder(t), "typo");
  const keyspace = createFileKeyspace({ folder, clock: systemClock, mustExist: true });
  await assert.rejects(readSnapshot(keyspace, [""], t.signal), (error) => {
    assert.ok(error instanceof Fault && error.code === "KEYSPACE_FILE_FOLDER_MISSING");
    assert.ok(error.message.includes(`${folder} does not exist`));
    return true;
  });
  await assert.rejects(stat(folder), { code: "ENOENT" });
  await mkdir(folder);
  assert.equal((await readSnapshot(keyspace, [""], t.signal)).size, 0);
});

test("file: an unreadable keyspace is a fault, not an empty one", async (t) => {
  const folder = await newFolder(t);
  await write(folder, "a file");
  const keyspace = createFileKeyspace({ folder, clock: systemClock });
  const batches = keyspace.watch(["/"], t.signal)[Symbol.asyncIterator]();
  await assert.rejects(batches.next(), { code: "KEYSPACE_FILE_UNREADABLE", retry: true });
  const unwritable = { code: "KEYSPACE_FILE_UNWRITABLE", retry: true };
  await assert.rejects(keyspace.open(1000, t.signal), unwritable);
});

test("file: an unreadable file ends the watch instead of vanishing", async (t) => {
  const parent = await throwAwayFolder(t);
  const [folder, clock] = [join(parent, "keyspace"), new ManualClock()];
  await write(join(parent, "v1/mem"), "1");
  await symlink("v1", folder);
  const observed = watching(t, createFileKeyspace({ folder, clock }), ["/mem"]);
  await eventually("the file is read", async () => {
    await clock.advance(10);
    return valuesSeen(observed)["/mem"] === "1";
  });
  // Reading the start of a process's memory is an input/output error for any process.
  await symlink("/proc/self", `${folder}.new`);
  await rename(`${folder}.new`, folder);
  let fault: unknown;
  void observed.ended().then((error) => {
    fault = error;
  });
  await eventually("a scan is due", async () => {
    await clock.advance(1000);
    return fault !== undefined;
  });
  assert.match(String(fault), /keyspace\/mem of the keyspace folder cannot be read/);
  assert.deepEqual(valuesSeen(observed), { "/mem": "1" });
});

test("file: a path with a stat error does not count as missing", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  await symlink("x".repeat(300), join(folder, "web/b"));
  const observed = watching(t, keyspace, ["/web"]);
  assert.match(String(await observed.ended()), /web\/b of the keyspace folder cannot be read/);
  assert.equal(observed.batches.length, 0);
});

test("file: of concurrent writes to a key, the last one wins", async (t) => {
  const { keyspace, session } = await opened(t);
  const observed = await watching(t, keyspace, ["/web"]).ready();
  const values = Array.from({ length: 20 }, (_, i) => String(i));
  await Promise.all(values.map((value) => session.put("/web/a", value, t.signal)));
  await observed.until({ "/web/a": "19" });
  await session.remove("/web/a", t.signal);
  await observed.until({});
});

test("file: of two sessions that take over a file written by hand, one holds it", async (t) => {
  const { folder, session } = await opened(t);
  const rival = await createFileKeyspace({ folder, clock: systemClock }).open(60_000, t.signal);
  t.after(() => rival.close());
  for (let i = 0; i < 50; i += 1) {
    const path = join(folder, `web/${i}`);
    await write(path, "by hand\n");
    const puts = { ours: session, theirs: rival };
    const ends = await Promise.allSettled(
      Object.entries(puts).map(async ([value, by]) => {
        await by.put(`/web/${i}`, value, t.signal);
        return value;
      }),
    );
    const [winner, ...more] = ends.flatMap((end) => (end.status === "fulfilled" ? end.value : []));
    assert.deepEqual(more, []);
    assert.equal(await readFile(path, "utf8"), winner);
  }
});

/** A keyspace in a folder of its own, with a session. */
async function opened(t: TestContext) {
  const folder = await newFolder(t);
  const keyspace = createFileKeyspace({ folder, clock: systemClock });
  const session = await keyspace.open(60_000, t.signal);
  t.after(() => session.close());
  return { folder, keyspace, session };
}

async function newFolder(t: TestContext): Promise<string> {
  return join(await throwAwayFolder(t), ".config", "keyspace");
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
