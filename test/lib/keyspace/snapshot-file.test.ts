import assert from "node:assert/strict";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { never } from "../../../lib/base/signal.ts";
import {
  readSnapshotFile,
  type SnapshotOrigin,
  writeSnapshotFile,
} from "../../../lib/keyspace/snapshot-file.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { withCode } from "../../support/faults.ts";
import { throwAwayFolder } from "../../support/process.ts";

const origin: SnapshotOrigin = { url: "etcd://127.0.0.1:2379", prefixes: ["/services", "/config"] };
const savedAt = "2026-11-21T10:00:00.000Z";

function snapshotOf(count: number): Snapshot {
  const entries = Array.from({ length: count }, (_, i) => {
    const key = `/services/web/${i}`;
    return [key, { key, value: `line\n"${i}" \u2028 ü`, revision: String(i) }] as const;
  });
  return Snapshot.empty.after({ kind: "reset", revision: "42", entries: new Map(entries) });
}

async function saved(t: TestContext, snapshot = snapshotOf(3)): Promise<string> {
  const path = join(await throwAwayFolder(t), "state", "deep", "watch.snapshot");
  await writeSnapshotFile(path, { snapshot, savedAt }, origin, systemClock, never);
  return path;
}

const all = (snapshot: Snapshot | undefined) => snapshot?.chunks.flat();

test("a saved snapshot is read back unchanged, and only its owner can read the file", async (t) => {
  for (const count of [0, 1, 2000]) {
    const path = await saved(t, snapshotOf(count));
    const found = await readSnapshotFile(path, origin);
    assert.equal(found?.savedAt, savedAt);
    assert.equal(found?.snapshot.revision, "42");
    assert.deepEqual(all(found?.snapshot), all(snapshotOf(count)));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(path, "..")), ["watch.snapshot"], "no other file is left");
  }
});

test("a later snapshot replaces the previous one", async (t) => {
  const path = await saved(t, snapshotOf(5));
  await writeSnapshotFile(path, { snapshot: snapshotOf(1), savedAt }, origin, systemClock, never);
  assert.equal((await readSnapshotFile(path, origin))?.snapshot.size, 1);
});

test("without a file there is no snapshot", async (t) => {
  const folder = await throwAwayFolder(t);
  assert.equal(await readSnapshotFile(join(folder, "none"), origin), undefined);
  assert.equal(await readSnapshotFile(join(folder, "no", "folder"), origin), undefined);
});

const rejected = (message: RegExp) => withCode("KEYSPACE_SNAPSHOT_REJECTED", message);

test("a truncated file and a file with a flipped bit are rejected", async (t) => {
  const path = await saved(t);
  const whole = await readFile(path);
  for (let length = 0; length < whole.length; length += 1) {
    await writeFile(path, whole.subarray(0, length));
    await assert.rejects(readSnapshotFile(path, origin), rejected(/is not used: it is damaged$/));
  }
  for (let at = 0; at < whole.length; at += 7) {
    const other = Buffer.from(whole);
    other[at] = (other[at] ?? 0) ^ 1;
    await writeFile(path, other);
    await assert.rejects(readSnapshotFile(path, origin), rejected(/it is damaged$/));
  }
  await writeFile(path, Buffer.concat([whole, whole]));
  await assert.rejects(readSnapshotFile(path, origin), rejected(/it is damaged$/));
});

test("a snapshot of another keyspace or of other prefixes is rejected", async (t) => {
  const path = await saved(t);
  const of = (more: Partial<SnapshotOrigin>) => readSnapshotFile(path, { ...origin, ...more });
  await assert.rejects(
    of({ url: "etcd://other:2379" }),
    rejected(/belongs to the keyspace etcd:\/\/127/),
  );
  await assert.rejects(
    of({ prefixes: ["/services"] }),
    rejected(/belongs to the folders \/services, \/c/),
  );
  await assert.rejects(of({ prefixes: ["/services", "/c"] }), rejected(/belongs to the folders/));
  assert.ok(await of({ prefixes: ["/config", "/services"] }), "their order does not matter");
});

test("a snapshot of another version is rejected", async (t) => {
  const path = await saved(t);
  const text = (await readFile(path, "utf8")).replace('"version":1', '"version":2');
  const body = text.slice(0, text.lastIndexOf("\n", text.length - 2) + 1);
  const { createHash } = await import("node:crypto");
  await writeFile(path, `${body}${createHash("sha256").update(body).digest("hex")}\n`);
  await assert.rejects(
    readSnapshotFile(path, origin),
    rejected(/it was written by another version of sidekick/),
  );
});

test("a folder at the path can be neither read nor replaced", async (t) => {
  const path = join(await throwAwayFolder(t), "state");
  await mkdir(path);
  await writeFile(join(path, "file"), "");
  await assert.rejects(readSnapshotFile(path, origin), rejected(/it cannot be read/));
  const save = writeSnapshotFile(
    path,
    { snapshot: snapshotOf(1), savedAt },
    origin,
    systemClock,
    never,
  );
  await assert.rejects(save, withCode("KEYSPACE_SNAPSHOT_UNWRITABLE", /watch\.snapshotCache/));
  assert.deepEqual(await readdir(join(path, "..")), ["state"], "nothing is left behind");
});
