import assert from "node:assert/strict";
import { test } from "node:test";
import { equalSince, missingMs, violations } from "./judge.ts";
import { lineOf } from "./model.ts";
import type { FileSample, StoreSample } from "./record.ts";

const [key, value] = ["/services/web/one", '{"host":"10.0.0.1","port":80}'];
const line = lineOf(key, value);
const desired = new Map([[key, value]]);
const lifetimes = new Map([[line, { fromMs: 0, removedMs: undefined }]]);

/**
 * Samples of the store every 50 ms: `1` with the entry, `2` with the entry created again, `-` without it, `~` without it
 * although it existed since the previous sample, `?` not readable.
 */
function storeOf(samples: string): StoreSample[] {
  return [...samples].map((sample, i) => {
    const entries =
      sample === "-" || sample === "~"
        ? []
        : [[key, { value, owner: undefined, created: sample }] as const];
    const isContinuous = !"?~".includes(sample) && samples[i - 1] !== "?";
    const read = sample === "?" ? undefined : new Map(entries);
    return { fromMs: i * 50 - 20, atMs: i * 50, isContinuous, entries: read };
  });
}

/** Samples of the file at these times: whether it has the line. */
function fileOf(...samples: readonly (readonly [atMs: number, has: boolean])[]): FileSample[] {
  return samples.map(([atMs, has]) => ({ atMs, lines: new Set(has ? [line] : []) }));
}

test("store and file are equal since the later one of them has been as desired", () => {
  const since = (samples: string, file: FileSample[]) =>
    equalSince({ store: storeOf(samples), file }, desired);
  assert.equal(since("-11", fileOf([0, false], [120, true])), 120);
  assert.equal(since("-1-1", fileOf([0, false], [20, true])), 150);
  assert.equal(since("1?1", fileOf([0, true])), 100);
  assert.equal(since("11-", fileOf([0, true])), undefined);
  assert.equal(since("11?", fileOf([0, true])), undefined);
  assert.equal(since("11", fileOf([0, true], [60, false])), undefined);
  assert.equal(since("11", []), undefined);
});

test("an entry is missing as far as the store could be read", () => {
  const missing = (samples: string, fromMs = 0) =>
    missingMs({ store: storeOf(samples), file: [] }, key, fromMs);
  assert.equal(missing("111"), 0);
  assert.equal(missing("1---1"), 100);
  assert.equal(missing("1-??-1"), 150);
  assert.equal(missing("1---"), 100);
  assert.equal(missing("-----1", 150), 50);
});

test("a line that was never written is a violation", () => {
  const file = fileOf([0, false]);
  file.push({ atMs: 50, lines: new Set(["/services/web/two 10.0.0.2:80 1"]) });
  assert.match(
    String(violations({ store: storeOf("11"), file }, lifetimes)[0]),
    /it was never written/,
  );
  assert.deepEqual(
    violations({ store: storeOf("11"), file: fileOf([0, false], [50, true]) }, lifetimes),
    [],
  );
});

test("a line may be removed only if the store has lost its entry, at least for a moment", () => {
  const removed = (samples: string) =>
    violations({ store: storeOf(samples), file: fileOf([0, true], [100, false]) }, lifetimes)
      .length;
  assert.equal(removed("11111"), 1);
  // The last readable sample was requested before the removal: the state after it is unknown.
  assert.equal(removed("111??"), 0);
  assert.equal(removed("11-11"), 0);
  assert.equal(removed("11122"), 0);
  assert.equal(removed("?????"), 0);
  assert.equal(removed("11???"), 0);
});

test("a line may be added only if the store has its entry", () => {
  const added = (samples: string) =>
    violations({ store: storeOf(samples), file: fileOf([0, false], [100, true]) }, lifetimes)
      .length;
  assert.equal(added("-----"), 1);
  assert.equal(added("--~--"), 0);
  assert.equal(added("---11"), 0);
  assert.equal(added("1----"), 0);
  assert.equal(added("?????"), 0);
  assert.equal(added("--???"), 0);
});

test("a line must not be added long after its entry was removed", () => {
  const added = (removedMs: number) =>
    violations(
      { store: storeOf("?????"), file: fileOf([0, false], [3000, true]) },
      new Map([[line, { fromMs: 0, removedMs }]]),
    ).length;
  assert.equal(added(500), 1);
  assert.equal(added(2500), 0);
});
