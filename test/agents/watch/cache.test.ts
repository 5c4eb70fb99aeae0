import assert from "node:assert/strict";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { abortable, never } from "../../../lib/base/signal.ts";
import { readSnapshotFile, writeSnapshotFile } from "../../../lib/keyspace/snapshot-file.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { watchScene } from "./scene.ts";

const origin = { url: "memory:", prefixes: ["/services"] };
const savedAt = "2026-11-21T10:00:00.000Z";
const cached = "web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1\n";

/** The file of a cache that has three instances. */
async function cachedSnapshot(t: TestContext): Promise<string> {
  const path = join(await throwAwayFolder(t), "cache");
  const entries = [1, 2, 3].map((i): [string, Entry] => {
    const [key, value] = [`/services/web/10.0.0.${i}:80`, `10.0.0.${i}:80`];
    return [key, { key, value, revision: "7" }];
  });
  const snapshot = Snapshot.empty.after({
    kind: "reset",
    revision: "7",
    entries: new Map(entries),
  });
  await writeSnapshotFile(path, { snapshot, savedAt }, origin, systemClock, never);
  return path;
}

test("the cached snapshot stands in for a keyspace that is unreachable at the start", async (t) => {
  const cachePath = await cachedSnapshot(t);
  const { run, clock, becomes, report, keyspace, register, logged, count, log } = await watchScene(
    t,
    { cachePath, before: (keyspace) => keyspace.disconnect() },
  );
  run();
  await clock.advance(0);
  await becomes(cached);
  await logged("applied");
  assert.deepEqual(report().watch?.cachedSnapshot, { savedAt, revision: "7" });
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  assert.equal(report().keyspace.reachable, false);
  assert.equal(count("snapshot_cache_used"), 1);
  const { message = "" } = log.lines.find(({ event }) => event === "fault") ?? {};
  assert.match(message, /the last known state is kept/);

  await register("web", "10.0.0.1:80", "10.0.0.2:80", "10.0.0.4:80");
  keyspace.reconnect();
  await clock.advance(2000);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.4:80*1\n");
  assert.equal(report().watch?.cachedSnapshot, undefined);
  assert.equal(report().keyspace.reachable, true);
});

test("the cached snapshot stands in for a keyspace that does not answer, after three seconds", async (t) => {
  const cachePath = await cachedSnapshot(t);
  const { run, clock, becomes, text, count } = await watchScene(t, {
    cachePath,
    before: (keyspace) => {
      keyspace.watch = async function* silent(_prefixes, signal) {
        yield* [];
        await abortable(new Promise(() => {}), signal);
      };
    },
  });
  run();
  await clock.advance(2999);
  assert.equal(await text(), "");
  await clock.advance(1);
  await becomes(cached);
  assert.equal(count("snapshot_cache_used"), 1);
});

test("a keyspace that answers is believed, whatever is cached; instances lost since then are retained", async (t) => {
  const cachePath = await cachedSnapshot(t);
  const { run, clock, becomes, register, report, count } = await watchScene(t, { cachePath });
  await register("web", "10.0.0.4:80");
  run();
  await clock.advance(0);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1 10.0.0.3:80*1 10.0.0.4:80*1\n");
  assert.equal(count("snapshot_cache_used"), 0);
  assert.deepEqual(
    report().watch?.retained.map(({ service, retained, live }) => ({ service, retained, live })),
    [{ service: "web", retained: 3, live: 1 }],
  );
  await clock.advance(10_050);
  await becomes("web: 10.0.0.4:80*1\n");
});

test("the snapshot is cached a second after a change", async (t) => {
  const cachePath = join(await throwAwayFolder(t), "cache");
  const { run, clock, register, becomes, logged } = await watchScene(t, { cachePath });
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await becomes("web: 10.0.0.1:80*1\n");
  await logged("applied");
  const keys = async () => (await readSnapshotFile(cachePath, origin))?.snapshot.size;
  await clock.advance(999);
  assert.equal(await keys(), undefined);
  await eventually("it is saved", async () => {
    await clock.advance(1);
    return (await keys()) === 1;
  });
});

test("a cache that cannot be written is reported, and holds up nothing", async (t) => {
  const folder = await throwAwayFolder(t);
  const cachePath = join(folder, "cache");
  await mkdir(join(cachePath, "not a file"), { recursive: true });
  const { run, clock, register, becomes, logged, log } = await watchScene(t, { cachePath });
  await register("web", "10.0.0.1:80");
  run();
  await clock.advance(0);
  await becomes("web: 10.0.0.1:80*1\n");
  await eventually("the fault", async () => {
    await clock.advance(100);
    return log.lines.some(({ details }) => details.code === "KEYSPACE_SNAPSHOT_UNWRITABLE");
  });
  await register("web", "10.0.0.2:80");
  await clock.advance(50);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  await logged("applied", 2);

  // Without another change, it is saved soon after the cause is gone.
  await rm(cachePath, { recursive: true });
  const startMs = clock.now();
  await eventually("it is saved", async () => {
    await clock.advance(1000);
    return (await readFile(cachePath, "utf8").catch(() => "")).includes("10.0.0.2:80");
  });
  assert.ok(clock.now() - startMs <= 120_000);
  await logged("recovered");
});
