import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import {
  quarantinePath,
  restoreQuarantines,
  saveQuarantines,
} from "../../../lib/keyspace/quarantine-file.ts";
import type { RememberedQuarantine } from "../../../lib/model/pool.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

const held: RememberedQuarantine = {
  judge: "template 1",
  rejections: [{ key: "/services/web/a", revision: "7", why: "no", digest: "d", failures: 2 }],
};
const empty: RememberedQuarantine = { judge: "", rejections: [] };

/** A quarantine that a test changes. */
function standIn(name: string) {
  const changes = new Cell(0);
  let remembered = empty;
  const quarantine = {
    changes,
    get remembered() {
      return remembered;
    },
    restore(saved: RememberedQuarantine) {
      remembered = saved;
      changes.set(changes.value + 1);
    },
  };
  return { name, quarantine };
}

async function setUp(t: TestContext, path: string) {
  const clock = new ManualClock();
  const all = [standIn("haproxy.cfg"), standIn("nginx.conf")] as const;
  const faults: string[] = [];
  const reporter = {
    report: ({ code }: { readonly code: string }) => void faults.push(code),
    resolved: () => {},
  };
  const run = (signal: AbortSignal) => saveQuarantines(path, all, reporter, clock, signal);
  const service = running(t, { run }, clock);
  await clock.advance(0);
  return { clock, all, faults, ...service };
}

test("a quarantine is saved at once, and restored by the name of its files", async (t) => {
  const path = join(await throwAwayFolder(t), "new/cache.quarantine");
  const { all } = await setUp(t, path);
  all[1].quarantine.restore(held);
  await eventually("it is saved", () => stat(path).catch(() => undefined));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const next = [standIn("nginx.conf"), standIn("other")] as const;
  await restoreQuarantines(path, next, new RecordingLog());
  assert.deepEqual(next[0].quarantine.remembered, held);
  assert.deepEqual(next[1].quarantine.remembered, empty);
});

test("changes in quick succession are saved together, the last one too", async (t) => {
  const path = join(await throwAwayFolder(t), "cache.quarantine");
  const { all, clock } = await setUp(t, path);
  all[0].quarantine.restore(held);
  await eventually("it is saved", () => stat(path).catch(() => undefined));
  await eventually("it rests", () => clock.wakesAt(1000));
  all[0].quarantine.restore(empty);
  assert.match(await readFile(path, "utf8"), /template 1/);
  await clock.advance(1000);
  await eventually("it is saved", async () => !(await readFile(path, "utf8")).includes("template"));
});

test("a folder that cannot be written is reported, and tried again", async (t) => {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "file"), "");
  const { all, clock, faults } = await setUp(t, join(folder, "file/cache"));
  all[0].quarantine.restore(held);
  await eventually("it is tried again later", () => clock.wakesAt(60_000));
  await clock.advance(60_000);
  await eventually("it was tried twice", () => faults.length === 2);
  assert.deepEqual(new Set(faults), new Set(["KEYSPACE_SNAPSHOT_UNWRITABLE"]));
});

for (const [what, text] of [
  ["damaged", '{"version":1,"files":[['],
  ["of another version", '{"version":99}'],
] as const) {
  test(`a file that is ${what} is logged and ignored`, async (t) => {
    const path = join(await throwAwayFolder(t), "cache.quarantine");
    await writeFile(path, text);
    const [one, log] = [standIn("nginx.conf"), new RecordingLog()];
    await restoreQuarantines(path, [one], log);
    assert.deepEqual(one.quarantine.remembered, empty);
    assert.deepEqual(log.events, ["snapshot_cache_rejected"]);
  });
}

test("without a snapshot cache nothing is remembered", () => {
  assert.equal(quarantinePath(false), false);
  assert.equal(quarantinePath("/x/cache"), "/x/cache.quarantine");
});
