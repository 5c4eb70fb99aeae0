import assert from "node:assert/strict";
import { link, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../../lib/base/clock.ts";
import { removeEntry, writeEntry } from "../../../../lib/keyspace/file/entries.ts";
import { beat, createSessionFolder } from "../../../../lib/keyspace/file/heartbeat.ts";
import { entriesOf, reap } from "../../../../lib/keyspace/file/reap.ts";
import { inodeOf } from "../../../../lib/keyspace/file/remove.ts";
import { openSession } from "../../../../lib/keyspace/file/session.ts";
import { sessionsOf, sweep } from "../../../../lib/keyspace/file/sweep.ts";
import type { Uptime } from "../../../../lib/keyspace/file/uptime.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";

test("a session lives for its TTL after the last heartbeat, and not longer", async (t) => {
  const { root, uptime, session, put } = await started(t, 1000);
  await put("/web/a", "1");
  uptime.pass(999);
  assert.equal(Math.round((await sweep(root, uptime)).nextExpiryMs), 1);
  await beat(session, uptime.now());
  uptime.pass(999);
  await sweep(root, uptime);
  assert.equal(await readFile(join(root, "web/a"), "utf8"), "1");
  uptime.pass(2);
  assert.deepEqual(await sweep(root, uptime), {
    nextExpiryMs: Number.POSITIVE_INFINITY,
    orphans: new Set(),
  });
  assert.deepEqual(await readdir(root, { recursive: true }), [".sessions"]);
  assert.equal(await put("/web/a", "1"), false);
});

test("a session of an earlier boot has expired, whatever its age", async (t) => {
  const { root, uptime, put } = await started(t, 1000);
  await put("/web/a", "1");
  await sweep(root, { boot: "another", now: uptime.now });
  assert.deepEqual(await readdir(root), [".sessions"]);
});

test("without boot ids, a heartbeat in the future is one of an earlier boot", async (t) => {
  const { root, uptime, put } = await started(t, 1000);
  await put("/web/a", "1");
  await sweep(root, { boot: uptime.boot, now: () => uptime.now() - 500 });
  assert.deepEqual(await readdir(root), [".sessions"]);
});

test("a key that another session took over stays", async (t) => {
  const { root, session, uptime, deps, put } = await started(t, 1000);
  const other = join(sessionsOf(root), "other");
  await createSessionFolder(other, 5000, uptime);
  for (const key of ["/web/a", "/web/b"]) await put(key, "same");
  const entry = { key: "/web/a", value: "same", rules: { overwrites: true } };
  await writeEntry({ root, session: other }, entry, deps, t.signal);
  await reap(root, session);
  assert.deepEqual(await readdir(join(root, "web")), ["a"]);
  await reap(root, other);
  assert.deepEqual(await readdir(root), [".sessions"]);
});

test("a session that was killed at any step of a write leaves nothing when it expires", async (t) => {
  const { root, session } = await started(t, 1000);
  const name = ".a.0123456789ab.tmp";
  const entries = join(entriesOf(session), "web");
  const steps = [
    async () => await writeFile(join(entries, name), "1"),
    async () => await link(join(entries, name), join(root, "web", name)),
    async () => await link(join(entries, name), join(root, "web/a")),
  ];
  for (let done = 1; done <= steps.length; done += 1) {
    await mkdir(entries, { recursive: true });
    await mkdir(join(root, "web"), { recursive: true });
    for (const step of steps.slice(0, done)) await step();
    await reap(root, session);
    const left = await readdir(root, { recursive: true });
    assert.ok(!left.some((path) => /web\/./.test(path)), `after step ${done}: ${left}`);
  }
});

test("several processes may reap the same session", async (t) => {
  const { root, session, put } = await started(t, 1000);
  for (let i = 0; i < 50; i += 1) await put(`/web/${i % 5}/${i}`, "1");
  await Promise.allSettled([1, 2, 3].map(async () => await reap(root, session)));
  await reap(root, `${session}.dead`);
  assert.deepEqual(await readdir(root, { recursive: true }), [".sessions"]);
});

test("a file that cannot be removed is an orphan", async (t) => {
  const { root, session, uptime, put } = await started(t, 1000);
  await put("/web/a", "1");
  uptime.pass(2000);
  await mkdir(join(`${session}.dead`, "in the way"), { recursive: true });
  const { orphans } = await sweep(root, uptime);
  assert.deepEqual(orphans, new Set([await inodeOf(join(root, "web/a"))]));
  assert.deepEqual((await sweep(root, uptime)).orphans, new Set());
  assert.deepEqual(await readdir(root), [".sessions"]);
});

test("a key that another session takes over while its owner removes it stays", async (t) => {
  const { root, session, uptime, deps, put } = await started(t, 1000);
  const taker = { root, session: join(sessionsOf(root), "taker") };
  await createSessionFolder(taker.session, 5000, uptime);
  const eraseAfter = async (turns: number) => {
    for (let i = 0; i < turns; i += 1) await inodeOf(root);
    await removeEntry({ root, session }, "/web/a");
  };
  for (let round = 0; round < 200; round += 1) {
    const value = String(round);
    const entry = { key: "/web/a", value, rules: { overwrites: true } };
    await put(entry.key, value);
    await Promise.all([writeEntry(taker, entry, deps, t.signal), eraseAfter(round % 10)]);
    assert.equal(await readFile(join(root, "web/a"), "utf8"), value);
    await removeEntry(taker, entry.key);
  }
});

test("the session of a process that was suspended for longer than the TTL expires", async (t) => {
  const root = await throwAwayFolder(t);
  const [uptime, clock] = [new ManualUptime(), new ManualClock()];
  const session = await openSession(root, { ttlMs: 900, clock, uptime });
  t.after(() => session.close());
  await session.put("/web/a", "1", t.signal);
  uptime.pass(901);
  await eventually("the session expires", async () => {
    await clock.advance(300);
    return session.expired.aborted;
  });
  await eventually("its keys are removed", async () => (await readdir(root)).length === 1);
  const expired = { code: "KEYSPACE_SESSION_EXPIRED", retry: true };
  await assert.rejects(session.put("/web/a", "1", t.signal), expired);
});

class ManualUptime implements Uptime {
  readonly boot = "this one";
  #nowMs = 1000;

  now = (): number => this.#nowMs;

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A session without heartbeats. */
async function started(t: TestContext, ttlMs: number) {
  const root = await throwAwayFolder(t);
  const uptime = new ManualUptime();
  const session = join(sessionsOf(root), "one");
  await createSessionFolder(session, ttlMs, uptime);
  const deps = { clock: systemClock, uptime };
  const put = async (key: string, value: string) =>
    await writeEntry({ root, session }, { key, value }, deps, t.signal);
  return { root, uptime, deps, session, put };
}
