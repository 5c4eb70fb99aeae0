import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { systemClock } from "../../../lib/base/clock.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { never, untilAborted } from "../../../lib/base/signal.ts";
import { SnapshotCache } from "../../../lib/keyspace/snapshot-cache.ts";
import { readSnapshotFile, writeSnapshotFile } from "../../../lib/keyspace/snapshot-file.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const origin = { url: "etcd://127.0.0.1:2379", prefixes: ["/services"] };
const savedAt = "2026-11-21T10:00:00.000Z";

const revised = (revision: string) =>
  Snapshot.empty.after({ kind: "reset", revision, entries: new Map() });

async function known(t: TestContext) {
  const path = join(await throwAwayFolder(t), "known");
  await writeSnapshotFile(path, { snapshot: revised("7"), savedAt }, origin, systemClock, never);
  const log = new RecordingLog();
  return { cache: await SnapshotCache.open(path, origin, log), path, log };
}

test("the cached snapshot stands in for a keyspace that was not read yet, and for no other", async (t) => {
  const { cache, log } = await known(t);
  const cell = new Cell<Snapshot | undefined>(undefined);
  assert.equal(cache.standingIn, undefined);
  cache.standIn(cell);
  assert.equal(cell.value, cache.snapshot);
  assert.deepEqual(cache.standingIn, { savedAt, revision: "7" });
  cache.standIn(cell);
  assert.deepEqual(log.events, ["snapshot_cache_used"]);
  cache.standDown();
  assert.equal(cache.standingIn, undefined);

  const spoken = new Cell<Snapshot | undefined>(undefined);
  spoken.set(revised("8"));
  cache.standIn(spoken);
  assert.equal(spoken.value?.revision, "8");
});

test("a keyspace that neither answers nor fails is waited for, but not for ever", async (t) => {
  const { cache } = await known(t);
  const clock = new ManualClock();
  const cell = new Cell<Snapshot | undefined>(undefined);
  const late = cache.standInLate(cell, clock, never);
  await clock.advance(2999);
  assert.equal(cell.version, 0);
  await clock.advance(1);
  await late;
  assert.equal(cell.value, cache.snapshot);
});

test("a damaged file is logged, and nothing stands in", async (t) => {
  const { path } = await known(t);
  await writeFile(path, "{}\n");
  const log = new RecordingLog();
  const cache = await SnapshotCache.open(path, origin, log);
  assert.deepEqual(log.events, ["snapshot_cache_rejected"]);
  const cell = new Cell<Snapshot | undefined>(undefined);
  cache.standIn(cell);
  assert.equal(cell.version, 0);
});

test("of many changes the last is saved, and a snapshot that is saved already is not saved again", async (t) => {
  const { cache, path } = await known(t);
  const clock = new ManualClock();
  const stopping = new AbortController();
  const current = new Cell(Snapshot.empty);
  const log = new RecordingLog();
  const reporter = new FaultReports("it", log, clock).reporter();
  const saving = untilAborted(
    stopping.signal,
    cache.save(current, reporter, { clock, random: () => 0 }, stopping.signal),
  );
  t.after(async () => {
    stopping.abort();
    await saving;
  });
  const kept = async () => (await readSnapshotFile(path, origin))?.snapshot.revision;
  const { snapshot } = cache;
  if (snapshot) current.set(snapshot);
  await clock.advance(5000);
  current.set(revised("8"));
  await clock.advance(500);
  current.set(revised("9"));
  await clock.advance(499);
  assert.equal(await kept(), "7");
  await clock.advance(1);
  await eventually("the last one is saved", async () => (await kept()) === "9");
  current.set(revised("10"));
  // It may have taken some time to save the one before: nothing is saved for fifty times as long.
  await eventually("the next one is saved in turn", async () => {
    await clock.advance(1000);
    return (await kept()) === "10";
  });
});
