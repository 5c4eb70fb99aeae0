import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { followEdits } from "../../../lib/render/follow-edits.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, throwAwayFolder } from "../../support/process.ts";
import { RecordingLog } from "../../support/recording-log.ts";
import { running } from "../../support/service.ts";

test("a template that is written piece by piece is read when it has been left alone, and others meanwhile", async (t) => {
  const [clock, log] = [new ManualClock(), new RecordingLog()];
  const pieces = new Cell(undefined);
  const pending = new Set<string>();
  let taken = 0;
  const watch = () => ({
    changed: (signal: AbortSignal) => pieces.newer(taken, signal),
    take: () => {
      taken = pieces.version;
      const paths = new Set(pending);
      pending.clear();
      return paths;
    },
    [Symbol.asyncDispose]: async () => {},
  });
  const edit = (path: string) => {
    pending.add(path);
    pieces.set(undefined);
  };
  const read: string[] = [];
  const all = ["/t/slow", "/t/fast"].map((path) => ({
    file: {
      settings: { source: path },
      watched: [path, "/t/partials"],
      reload: async () => read.push(path) > 0,
    },
    edits: new Cell(0),
    onRead: () => {},
  }));
  running(t, { run: (signal) => followEdits(all, { log, clock, watch }, signal) }, clock);
  await clock.advance(0);
  edit("/t/fast");
  for (let i = 0; i < 5; i += 1) {
    edit("/t/slow");
    await clock.advance(99);
  }
  assert.deepEqual(read, ["/t/fast"]);
  await clock.advance(1);
  assert.deepEqual(read, ["/t/fast", "/t/slow"]);
  edit("/t/partials/a.hbs");
  await clock.advance(100);
  assert.deepEqual(read.slice(2), ["/t/slow", "/t/fast"]);
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
  const all = [{ file, edits, onRead }];
  running(t, { run: (signal) => followEdits(all, { log, clock }, signal) }, clock);
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
