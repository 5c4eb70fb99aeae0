import assert from "node:assert/strict";
import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { createSessionFolder } from "../../../../lib/keyspace/file/heartbeat.ts";
import { isLock, withKeyLock } from "../../../../lib/keyspace/file/lock.ts";
import { sessionsOf, sweep } from "../../../../lib/keyspace/file/sweep.ts";
import { systemUptime } from "../../../../lib/keyspace/file/uptime.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";

const uptime = systemUptime();
const deps = { clock: systemClock, uptime };
const longMs = 60_000;

test("a key has one writer at a time; another key does not wait", async (t) => {
  const { one, other } = await twoSessions(t);
  const [held, done] = [Promise.withResolvers<void>(), [] as string[]];
  const first = withKeyLock(one, "/a", deps, () => held.promise, t.signal);
  await eventually(
    "the first writer holds the lock",
    async () => (await locksOf(one.root)).length === 1,
  );
  const second = withKeyLock(other, "/a", deps, async () => void done.push("/a"), t.signal);
  await withKeyLock(other, "/b", deps, async () => void done.push("/b"), t.signal);
  assert.deepEqual(done, ["/b"]);
  held.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(done, ["/b", "/a"]);
  assert.deepEqual(await locksOf(one.root), []);
});

test("work that fails releases the lock, and deps ends with its signal", async (t) => {
  const { one, other } = await twoSessions(t);
  const work = async () => {
    const enough = AbortSignal.timeout(20);
    const late = withKeyLock(
      other,
      "/a",
      deps,
      () => assert.fail("it ran without the lock"),
      enough,
    );
    await assert.rejects(late, { name: "TimeoutError" });
    throw new Error("it failed");
  };
  await assert.rejects(withKeyLock(one, "/a", deps, work, t.signal), { message: "it failed" });
  assert.deepEqual(await locksOf(one.root), []);
});

test("the lock of an expired session is broken by the next writer, and by a sweep", async (t) => {
  const { one } = await twoSessions(t);
  const steps = [
    () => withKeyLock(one, "/a", deps, async () => {}, t.signal),
    () => sweep(one.root, uptime),
  ];
  for (const step of steps) {
    await createSessionFolder(join(sessionsOf(one.root), "expired"), -1, uptime);
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

test("a lock that the session could not remove still belongs to it", async (t) => {
  const { one } = await twoSessions(t);
  await lockAs(one.root, "one", t.signal);
  assert.equal(await withKeyLock(one, "/a", deps, async () => "done", t.signal), "done");
  assert.deepEqual(await locksOf(one.root), []);
});

/** Two live sessions in one folder. */
async function twoSessions(t: TestContext) {
  const root = await throwAwayFolder(t);
  const create = async (name: string) => {
    const session = join(sessionsOf(root), name);
    await createSessionFolder(session, longMs, uptime);
    return { root, session };
  };
  return { one: await create("one"), other: await create("other") };
}

async function locksOf(root: string): Promise<readonly string[]> {
  return (await readdir(sessionsOf(root))).filter(isLock);
}

/** Leaves a lock of the key `/a` that names the session. */
async function lockAs(root: string, name: string, signal: AbortSignal): Promise<void> {
  const session = join(sessionsOf(root), name);
  const [lock = ""] = await withKeyLock({ root, session }, "/a", deps, () => locksOf(root), signal);
  await symlink(name, join(sessionsOf(root), lock));
}
