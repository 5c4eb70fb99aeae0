import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { followEdits, waitUntilQuiet } from "../../../lib/render/follow-edits.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

test("a template that is written piece by piece is read when it has been left alone", async (t) => {
  const clock = new ManualClock();
  const pieces = new Cell(undefined);
  let taken = 0;
  const files = {
    changed: (signal: AbortSignal) => pieces.newer(taken, signal),
    take: () => {
      taken = pieces.version;
      return new Set<string>();
    },
  };
  let isRead = false;
  const resting = waitUntilQuiet(files, clock, t.signal).then(() => {
    isRead = true;
  });
  for (let i = 0; i < 5; i += 1) {
    await clock.advance(99);
    pieces.set(undefined);
  }
  await clock.advance(99);
  assert.equal(isRead, false);
  await clock.advance(1);
  await resting;
});

test("a mistake is logged once, and again when it is made again after it was undone", async (t) => {
  const path = join(await throwAwayFolder(t), "t.hbs");
  const [clock, log, edits] = [new ManualClock(), new RecordingLog(), new Cell(0)];
  const codes: (string | undefined)[] = [];
  let reloads = 0;
  let reload = async () => false;
  const file = {
    settings: { source: path },
    watched: [path],
    reload: async () => {
      reloads += 1;
      return await reload();
    },
  };
  const onRead = (fault: Fault | undefined) => codes.push(fault?.code);
  const deps = { log, clock, onRead };
  running(t, { run: (signal) => followEdits(file, edits, deps, signal) }, clock);
  /** Edits the file, and waits until it was read again. */
  const edit = async (result: () => Promise<boolean>) => {
    reload = result;
    const before = reloads;
    await writeFile(path, `edit after ${before} reloads`);
    await eventually("it is read again", async () => {
      await clock.advance(100);
      return reloads > before;
    });
  };
  const broken = async () => {
    throw new Fault("RENDER_SYNTAX", false, "line 1: no");
  };
  for (const result of [broken, broken]) await edit(result);
  assert.deepEqual(log.events, ["template_invalid"]);
  for (const result of [async () => false, broken]) await edit(result);
  assert.deepEqual(log.events, ["template_invalid", "template_invalid"]);
  assert.equal(edits.version, 0);
  await edit(async () => true);
  assert.equal(log.events.at(-1), "template_reloaded");
  assert.ok(edits.version > 0);
  const code = "RENDER_SYNTAX";
  assert.deepEqual(codes, [code, code, undefined, code, undefined]);
});
