import assert from "node:assert/strict";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { beat, createSessionFolder } from "../../../../lib/keyspace/file/heartbeat.ts";
import { createFileKeyspace } from "../../../../lib/keyspace/file/keyspace.ts";
import { openSession } from "../../../../lib/keyspace/file/session.ts";
import { SessionsWatch } from "../../../../lib/keyspace/file/sessions-watch.ts";
import { sessionsOf } from "../../../../lib/keyspace/file/sweep.ts";
import { Sweeper } from "../../../../lib/keyspace/file/sweeper.ts";
import type { Uptime } from "../../../../lib/keyspace/file/uptime.ts";
import { watching } from "../../../conformance/keyspace-watching.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../../support/process.ts";

/** Types of file systems, as in statfs(2). */
const [tmpfs, nfs] = [0x01021994, 0x6969];

test("a folder of sessions is swept every ten seconds while nothing happens to it", async (t) => {
  const { sweeper, root, begin } = await started(t, tmpfs);
  await sweeper.sweep();
  assert.equal(sweeper.dueMs, 10_000, "no session yet");
  await begin("one", 60_000);
  await eventually("the session is reported", () => sweeper.dueMs === 500);
  await sweeper.sweep();
  assert.equal(sweeper.dueMs, 10_000);
  assert.deepEqual(await readdir(root), [".sessions"]);
});

test("sessions are reported after their folder was removed and created again", async (t) => {
  const { sweeper, watch, root, begin } = await started(t, tmpfs);
  await begin("one", 60_000);
  await sweeper.sweep();
  for (let i = 0; i < 3; i += 1) {
    await rm(sessionsOf(root), { recursive: true });
    await begin("one", 60_000);
    await sweeper.sweep();
    const { version } = watch.changed;
    await begin(`other-${i}`, 60_000);
    await eventually("it is reported", () => watch.changed.version > version);
  }
});

test("a session that begins is swept when it expires", async (t) => {
  const { sweeper, clock, begin } = await started(t, tmpfs);
  await begin("one", 60_000);
  await sweeper.sweep();
  await begin("two", 2000);
  await eventually("the session is reported", () => sweeper.dueMs === 500);
  await clock.advance(500);
  await sweeper.sweep();
  assert.equal(Math.round(sweeper.dueMs), 2500);
});

test("heartbeats and locks cause no sweep", async (t) => {
  const { sweeper, watch, uptime, root, begin } = await started(t, tmpfs);
  const session = await begin("one", 60_000);
  await sweeper.sweep();
  await beat(session, uptime.now());
  await symlink("one", join(sessionsOf(root), ".lock-1"));
  await writeFile(join(session, "heartbeat"), "{}");
  // Reports are in order: there is none before that of this session.
  await begin("two", 60_000);
  await eventually("the session is reported", () => watch.changed.version > 0);
  assert.equal(watch.changed.version, 1);
});

test("where a file system may report no changes, sessions are swept every 500 ms", async (t) => {
  const { sweeper, begin } = await started(t, nfs);
  await begin("one", 60_000);
  await sweeper.sweep();
  assert.equal(sweeper.dueMs, 500);
});

test("entries that could not be removed are tried again after 500 ms", async (t) => {
  const { sweeper, uptime, root, begin } = await started(t, tmpfs);
  const session = await begin("one", 1000);
  await mkdir(join(session, "entries"));
  await writeFile(join(session, "entries/a"), "1");
  await mkdir(join(`${session}.dead`, "in the way"), { recursive: true });
  uptime.pass(2000);
  await sweeper.sweep();
  assert.equal(sweeper.orphans.size, 1);
  assert.equal(sweeper.dueMs, 500);
  await sweeper.sweep();
  assert.equal(sweeper.orphans.size, 0);
  assert.deepEqual(await readdir(sessionsOf(root)), []);
});

test("a watch of a keyspace folder that rests reads no heartbeat for seconds", async (t) => {
  const [clock, uptime] = [new ManualClock(), new ManualUptime()];
  const root = await throwAwayFolder(t);
  await createSessionFolder(join(sessionsOf(root), "one"), 60_000, uptime);
  const observed = watching(t, createFileKeyspace({ folder: root, clock, uptime }), ["/web"]);
  await observed.ready();
  const { calls } = uptime;
  for (let i = 0; i < 18; i += 1) {
    await clock.advance(500);
    for (let turn = 0; turn < 20; turn += 1) await readdir(sessionsOf(root));
  }
  // One may follow from the reports of the watch that has just begun.
  assert.ok(uptime.calls - calls <= 2, `${uptime.calls - calls} reads`);
});

test("a session sweeps the others once in its TTL, and when one of them can have expired", async (t) => {
  const [clock, uptime] = [new ManualClock(), new ManualUptime()];
  const root = await throwAwayFolder(t);
  const session = await openSession(root, { ttlMs: 900, clock, uptime });
  t.after(() => session.close());
  const beats = async (times: number) => {
    for (let i = 0; i < times; i += 1) {
      uptime.pass(300);
      await eventually("it rests", () => clock.wakesAt(clock.now() + 300));
      await clock.advance(300);
    }
    await eventually("it rests", () => clock.wakesAt(clock.now() + 300));
  };
  await beats(1);
  const { calls } = uptime;
  await beats(9);
  // Each beat asks for the time, and each sweep.
  assert.ok(uptime.calls - calls <= 9 + 4, `${uptime.calls - calls}`);
  const other = join(sessionsOf(root), "other");
  await createSessionFolder(other, 300, uptime);
  await beats(4);
  assert.deepEqual(await readdir(sessionsOf(root)), [session.id]);
});

class ManualUptime implements Uptime {
  readonly boot = "this one";
  calls = 0;
  #nowMs = 1000;

  now = (): number => {
    this.calls += 1;
    return this.#nowMs;
  };

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A sweeper in a folder of its own, whose file system counts as one of `type`. */
async function started(t: TestContext, type: number) {
  const root = await throwAwayFolder(t);
  const [clock, uptime] = [new ManualClock(), new ManualUptime()];
  const watch = new SessionsWatch(root, () => type);
  const sweeper = new Sweeper(root, { clock, uptime }, watch);
  t.after(() => sweeper[Symbol.dispose]());
  const begin = async (name: string, ttlMs: number) => {
    const session = join(sessionsOf(root), name);
    await createSessionFolder(session, ttlMs, uptime);
    return session;
  };
  return { root, clock, uptime, watch, sweeper, begin };
}
