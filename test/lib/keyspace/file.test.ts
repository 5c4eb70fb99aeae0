import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { createFileKeyspace } from "../../../lib/keyspace/file/keyspace.ts";
import { valuesSeen, watching } from "../../conformance/keyspace-watching.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

test("file: a key is a file that cat shows, and that is gone with its folders when removed", async (t) => {
  const { folder, session } = await opened(t);
  await session.put("/services/web/10.0.0.1:80", "up", t.signal);
  assert.equal(await readFile(join(folder, "services/web/10.0.0.1:80"), "utf8"), "up");
  await session.remove("/services/web/10.0.0.1:80", t.signal);
  assert.deepEqual(await readdir(folder), [".sessions"]);
});

test("file: closing leaves no trace", async (t) => {
  const { folder, session } = await opened(t);
  await session.put("/services/web/a", "up", t.signal);
  await session.put("/services/web/a", "down", t.signal);
  await session.close();
  assert.deepEqual(await readdir(folder, { recursive: true }), [".sessions"]);
});

test("file: what people write with echo is an entry, without the end of line", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "services/web/before"), "1\n");
  const seen = await watching(t, keyspace, ["/services"]).ready();
  assert.deepEqual(valuesSeen(seen), { "/services/web/before": "1" });
  await write(join(folder, "services/web/after"), "2\n");
  await seen.until({ "/services/web/before": "1", "/services/web/after": "2" });
  await rm(join(folder, "services/web/before"));
  await seen.until({ "/services/web/after": "2" });
});

test("file: a file is not shown before it is whole", async (t) => {
  const { folder, keyspace } = await opened(t);
  const path = join(folder, "web/a");
  await write(path, "old");
  const seen = await watching(t, keyspace, ["/web"]).ready();
  await writeFile(path, "");
  for (const part of ["ha", "lf", " wri", "tten"]) {
    await systemClock.sleep(15, t.signal);
    await writeFile(path, part, { flag: "a" });
  }
  await seen.until({ "/web/a": "half written" });
  assert.deepEqual(seen.history("/web/a"), ["old", "half written"]);
});

test("file: what somebody writes to a session's file is not shown before it is whole", async (t) => {
  const { folder, keyspace, session } = await opened(t);
  await session.put("/web/a", "ours", t.signal);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  await writeFile(join(folder, "web/a"), "");
  await systemClock.sleep(15, t.signal);
  await writeFile(join(folder, "web/a"), "theirs");
  await seen.until({ "/web/a": "theirs" });
  assert.deepEqual(seen.history("/web/a"), ["ours", "theirs"]);
});

test("file: a file that never comes to rest does not hold up the others", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  let done = false;
  const scribbling = (async () => {
    while (!t.signal.aborted && !done) {
      await writeFile(join(folder, "web/log"), "another line\n", { flag: "a" });
      await systemClock.sleep(10, t.signal);
    }
  })();
  const seen = await watching(t, keyspace, ["/web"]).ready();
  done = true;
  await scribbling;
  assert.deepEqual(valuesSeen(seen), { "/web/a": "1" });
});

test("file: names that are no keys are left alone", async (t) => {
  const { folder, keyspace } = await opened(t);
  for (const name of [".hidden", ".web.0123456789ab.tmp", "50%", "%2x", "%2E", "a%2E"]) {
    await write(join(folder, "web", name), name);
  }
  await symlink("loop", join(folder, "web/loop"));
  await symlink("nowhere", join(folder, "web/dangling"));
  const seen = await watching(t, keyspace, ["/web"]).ready();
  assert.deepEqual(valuesSeen(seen), { "/web/.": "%2E" });
});

test("file: a mounted ConfigMap is seen, and its swap within ten seconds", async (t) => {
  const folder = await newFolder(t);
  const clock = new ManualClock();
  const swap = async (version: string) => {
    await write(join(folder, "web", version, "a"), version);
    await symlink(version, join(folder, "web/..data_tmp"));
    await rename(join(folder, "web/..data_tmp"), join(folder, "web/..data"));
  };
  await swap("..1");
  await symlink("..data/a", join(folder, "web/a"));
  const seen = watching(t, createFileKeyspace({ folder, clock }), ["/web"]);
  const passing = async (ms: number, value: string) =>
    await eventually(value, async () => {
      await clock.advance(ms);
      return valuesSeen(seen)["/web/a"] === value;
    });
  await passing(10, "..1");
  await swap("..2");
  await passing(1000, "..2");
});

test("file: a folder that goes away takes its keys along, and brings them back", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  await write(join(folder, "web/deeper/b"), "2");
  await write(join(folder, "other"), "3");
  const seen = await watching(t, keyspace, ["/"]).ready();
  await rename(join(folder, "web"), join(folder, ".away"));
  await seen.until({ "/other": "3" });
  await rename(join(folder, ".away"), join(folder, "web"));
  await seen.until({ "/web/a": "1", "/web/deeper/b": "2", "/other": "3" });
  await rm(folder, { recursive: true });
  await seen.until({});
  await write(join(folder, "web/a"), "4");
  await seen.until({ "/web/a": "4" });
});

test("file: a key that would be file and folder is refused, and nothing is left of it", async (t) => {
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

test("file: what cannot be read is a fault, not an empty keyspace", async (t) => {
  const folder = await newFolder(t);
  await write(folder, "a file");
  const keyspace = createFileKeyspace({ folder, clock: systemClock });
  const batches = keyspace.watch(["/"], t.signal)[Symbol.asyncIterator]();
  await assert.rejects(batches.next(), { code: "KEYSPACE_FILE_UNREADABLE", retry: true });
  const unwritable = { code: "KEYSPACE_FILE_UNWRITABLE", retry: true };
  await assert.rejects(keyspace.open(1000, t.signal), unwritable);
});

test("file: a file that fails to be read ends the watch instead of vanishing", async (t) => {
  const { folder, keyspace, session } = await opened(t);
  await session.put("/web/a", "1", t.signal);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  // Reading the start of a process's memory is an input/output error, whoever asks.
  await symlink("/proc/self/mem", join(folder, "web/b"));
  assert.match(String(await seen.ended()), /web\/b of the keyspace folder cannot be read/);
  assert.deepEqual(valuesSeen(seen), { "/web/a": "1" });
});

test("file: that a path cannot be looked at is not that there is nothing", async (t) => {
  const { folder, keyspace } = await opened(t);
  await write(join(folder, "web/a"), "1");
  await symlink("x".repeat(300), join(folder, "web/b"));
  const seen = watching(t, keyspace, ["/web"]);
  assert.match(String(await seen.ended()), /web\/b of the keyspace folder cannot be read/);
  assert.equal(seen.batches.length, 0);
});

test("file: of writes to a key that are under way at once, the last wins", async (t) => {
  const { keyspace, session } = await opened(t);
  const seen = await watching(t, keyspace, ["/web"]).ready();
  const values = Array.from({ length: 20 }, (_, i) => String(i));
  await Promise.all(values.map((value) => session.put("/web/a", value, t.signal)));
  await seen.until({ "/web/a": "19" });
  await session.remove("/web/a", t.signal);
  await seen.until({});
});

test("file: of two that take over what people wrote, one has it", async (t) => {
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
