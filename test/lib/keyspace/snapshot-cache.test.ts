import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { systemClock } from "../../../lib/base/clock.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import type { Log } from "../../../lib/base/log.ts";
import { untilAborted } from "../../../lib/base/signal.ts";
import { SnapshotCache } from "../../../lib/keyspace/snapshot-cache.ts";
import { readSnapshotFile, writeSnapshotFile } from "../../../lib/keyspace/snapshot-file.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Guarded } from "../../../lib/view/contract.ts";
import { emptyGuarded } from "../../../lib/view/guard.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";

const origin = { url: "etcd://127.0.0.1:2379", prefixes: ["/services"] };
const savedAt = "2026-11-21T10:00:00.000Z";
const { signal: never } = new AbortController();

function listening() {
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const log: Log = { debug: say, info: say, warn: say, error: say };
  return { log, said };
}

const revised = (revision: string) =>
  Snapshot.empty.after({ kind: "reset", revision, entries: new Map() });

async function known(t: TestContext) {
  const path = join(await throwAwayFolder(t), "known");
  await writeSnapshotFile(path, { snapshot: revised("7"), savedAt }, origin, systemClock, never);
  const { log, said } = listening();
  return { lastKnown: await SnapshotCache.open(path, origin, log), path, said };
}

test("what was known stands in for a keyspace that says nothing, and for no other", async (t) => {
  const { lastKnown, said } = await known(t);
  const cell = new Cell<Snapshot | undefined>(undefined);
  assert.equal(lastKnown.inForce, undefined);
  lastKnown.standIn(cell);
  assert.equal(cell.value, lastKnown.snapshot);
  assert.deepEqual(lastKnown.inForce, { savedAt, revision: "7" });
  lastKnown.standIn(cell);
  assert.deepEqual(said, ["last_good"]);
  lastKnown.over();
  assert.equal(lastKnown.inForce, undefined);

  const spoken = new Cell<Snapshot | undefined>(undefined);
  spoken.set(revised("8"));
  lastKnown.standIn(spoken);
  assert.equal(spoken.value?.revision, "8");
});

test("a keyspace that neither answers nor fails is waited for, but not for ever", async (t) => {
  const { lastKnown } = await known(t);
  const clock = new ManualClock();
  const cell = new Cell<Snapshot | undefined>(undefined);
  const late = lastKnown.standInLate(cell, clock, never);
  await clock.advance(2999);
  assert.equal(cell.version, 0);
  await clock.advance(1);
  await late;
  assert.equal(cell.value, lastKnown.snapshot);
});

test("what is damaged is said, and nothing stands in", async (t) => {
  const { path } = await known(t);
  await writeFile(path, "{}\n");
  const { log, said } = listening();
  const lastKnown = await SnapshotCache.open(path, origin, log);
  assert.deepEqual(said, ["last_good_refused"]);
  const cell = new Cell<Snapshot | undefined>(undefined);
  lastKnown.standIn(cell);
  assert.equal(cell.version, 0);
});

/** What the keyspace says and what is shown of it, at a revision. */
function shown(revision: string): Guarded {
  const { observed: said } = emptyGuarded("/services");
  const pools = { ...said, snapshot: revised(revision) };
  return { observed: pools, effective: pools, losses: new Map() };
}

test("many changes are saved as one, the last, and what was saved already is not saved again", async (t) => {
  const { lastKnown, path } = await known(t);
  const clock = new ManualClock();
  const stopping = new AbortController();
  const latest = new Cell(emptyGuarded("/services"));
  const { log } = listening();
  const reporter = new FaultReports("it", log, clock).reporter();
  const saving = untilAborted(
    stopping.signal,
    lastKnown.save(latest, reporter, clock, stopping.signal),
  );
  t.after(async () => {
    stopping.abort();
    await saving;
  });
  const kept = async () => (await readSnapshotFile(path, origin))?.snapshot.revision;
  const { snapshot } = lastKnown;
  if (snapshot) latest.set({ ...shown("7"), effective: { ...shown("7").effective, snapshot } });
  await clock.advance(5000);
  latest.set(shown("8"));
  await clock.advance(500);
  latest.set(shown("9"));
  await clock.advance(499);
  assert.equal(await kept(), "7");
  await clock.advance(1);
  await eventually("the last one is saved", async () => (await kept()) === "9");
  latest.set(shown("10"));
  // It may have taken some time to save the one before: nothing is saved for fifty times as long.
  await eventually("the next one is saved in turn", async () => {
    await clock.advance(1000);
    return (await kept()) === "10";
  });
});
