import assert from "node:assert/strict";
import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { begin } from "../../../../lib/keyspace/file/heartbeat.ts";
import { isLock, withKeyLock } from "../../../../lib/keyspace/file/lock.ts";
import { sessionsOf, sweep } from "../../../../lib/keyspace/file/sweep.ts";
import { systemUptime } from "../../../../lib/keyspace/file/uptime.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";

const uptime = systemUptime();
const waiting = { clock: systemClock, uptime };
const longMs = 60_000;

test("of those that write a key one is at work at a time; another key does not wait", async (t) => {
  const { one, other } = await places(t);
  const [held, done] = [Promise.withResolvers<void>(), [] as string[]];
  const first = withKeyLock(one, "/a", waiting, () => held.promise, t.signal);
  await eventually("it is at work", async () => (await locksOf(one.root)).length === 1);
  const second = withKeyLock(other, "/a", waiting, async () => void done.push("/a"), t.signal);
  await withKeyLock(other, "/b", waiting, async () => void done.push("/b"), t.signal);
  assert.deepEqual(done, ["/b"]);
  held.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(done, ["/b", "/a"]);
  assert.deepEqual(await locksOf(one.root), []);
});

test("work that fails leaves no lock, and waiting ends with its signal", async (t) => {
  const { one, other } = await places(t);
  const work = async () => {
    const enough = AbortSignal.timeout(20);
    const late = withKeyLock(other, "/a", waiting, () => assert.fail("it did not wait"), enough);
    await assert.rejects(late, { name: "TimeoutError" });
    throw new Error("it failed");
  };
  await assert.rejects(withKeyLock(one, "/a", waiting, work, t.signal), { message: "it failed" });
  assert.deepEqual(await locksOf(one.root), []);
});

test("the lock of a session that has expired is opened, by who waits for it or by a sweep", async (t) => {
  const { one } = await places(t);
  const steps = [
    () => withKeyLock(one, "/a", waiting, async () => {}, t.signal),
    () => sweep(one.root, uptime),
  ];
  for (const step of steps) {
    await begin(join(sessionsOf(one.root), "expired"), -1, uptime);
    for (const holder of ["expired", "gone"]) {
      await lockAs(one.root, holder, t.signal);
      await step();
      assert.deepEqual(await locksOf(one.root), []);
    }
  }
  await lockAs(one.root, "other", t.signal);
  await sweep(one.root, uptime);
  assert.equal((await locksOf(one.root)).length, 1);
});

test("a lock that the session could not remove is its own still", async (t) => {
  const { one } = await places(t);
  await lockAs(one.root, "one", t.signal);
  assert.equal(await withKeyLock(one, "/a", waiting, async () => "done", t.signal), "done");
  assert.deepEqual(await locksOf(one.root), []);
});

/** Two sessions that are alive, in one folder. */
async function places(t: TestContext) {
  const root = await throwAwayFolder(t);
  const place = async (name: string) => {
    const session = join(sessionsOf(root), name);
    await begin(session, longMs, uptime);
    return { root, session };
  };
  return { one: await place("one"), other: await place("other") };
}

async function locksOf(root: string): Promise<readonly string[]> {
  return (await readdir(sessionsOf(root))).filter(isLock);
}

/** Leaves the lock of the key `/a` behind as that of a session. */
async function lockAs(root: string, name: string, signal: AbortSignal): Promise<void> {
  const session = join(sessionsOf(root), name);
  const [lock = ""] = await withKeyLock(
    { root, session },
    "/a",
    waiting,
    () => locksOf(root),
    signal,
  );
  await symlink(name, join(sessionsOf(root), lock));
}
