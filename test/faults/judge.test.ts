import assert from "node:assert/strict";
import { test } from "node:test";
import { equalSince, missingMs, untruths } from "./judge.ts";
import { lineOf } from "./model.ts";
import type { HeldAt, ShownAt } from "./record.ts";

const [key, value] = ["/services/web/one", '{"host":"10.0.0.1","port":80}'];
const line = lineOf(key, value);
const wanted = new Map([[key, value]]);
const lives = new Map([[line, { fromMs: 0, goneMs: undefined }]]);

/** The registry every 50 ms: `1` held, `2` held but made anew, `-` not held, `?` not read; `~` came and went before it. */
function held(moments: string): HeldAt[] {
  return [...moments].map((moment, i) => {
    const entries =
      moment === "-" || moment === "~"
        ? []
        : [[key, { value, owner: undefined, made: moment }] as const];
    const isNext = !"?~".includes(moment) && moments[i - 1] !== "?";
    const read = moment === "?" ? undefined : new Map(entries);
    return { fromMs: i * 50 - 20, atMs: i * 50, isNext, held: read };
  });
}

/** The file at these times: whether it has the line. */
function shown(...moments: readonly (readonly [atMs: number, has: boolean])[]): ShownAt[] {
  return moments.map(([atMs, has]) => ({ atMs, lines: new Set(has ? [line] : []) }));
}

test("equal is since the later of the two became so and stayed so", () => {
  const since = (moments: string, file: ShownAt[]) =>
    equalSince({ held: held(moments), shown: file }, wanted);
  assert.equal(since("-11", shown([0, false], [120, true])), 120);
  assert.equal(since("-1-1", shown([0, false], [20, true])), 150);
  assert.equal(since("1?1", shown([0, true])), 100);
  assert.equal(since("11-", shown([0, true])), undefined);
  assert.equal(since("11?", shown([0, true])), undefined);
  assert.equal(since("11", shown([0, true], [60, false])), undefined);
  assert.equal(since("11", []), undefined);
});

test("missing is what could be read, from the beginning on", () => {
  const missing = (moments: string, fromMs = 0) =>
    missingMs({ held: held(moments), shown: [] }, key, fromMs);
  assert.equal(missing("111"), 0);
  assert.equal(missing("1---1"), 100);
  assert.equal(missing("1-??-1"), 150);
  assert.equal(missing("1---"), 100);
  assert.equal(missing("-----1", 150), 50);
});

test("what nobody wrote is untrue", () => {
  const file = shown([0, false]);
  file.push({ atMs: 50, lines: new Set(["/services/web/two 10.0.0.2:80 1"]) });
  assert.match(
    String(untruths({ held: held("11"), shown: file }, lives)[0]),
    /nobody had written it/,
  );
  assert.deepEqual(untruths({ held: held("11"), shown: shown([0, false], [50, true]) }, lives), []);
});

test("a line may only go when the registry lost it, were it for a moment", () => {
  const gone = (moments: string) =>
    untruths({ held: held(moments), shown: shown([0, true], [100, false]) }, lives).length;
  assert.equal(gone("11111"), 1);
  // What was asked before it went says nothing of what was after.
  assert.equal(gone("111??"), 0);
  assert.equal(gone("11-11"), 0);
  assert.equal(gone("11122"), 0);
  assert.equal(gone("?????"), 0);
  assert.equal(gone("11???"), 0);
});

test("a line may only come when the registry holds it", () => {
  const come = (moments: string) =>
    untruths({ held: held(moments), shown: shown([0, false], [100, true]) }, lives).length;
  assert.equal(come("-----"), 1);
  assert.equal(come("--~--"), 0);
  assert.equal(come("---11"), 0);
  assert.equal(come("1----"), 0);
  assert.equal(come("?????"), 0);
  assert.equal(come("--???"), 0);
});

test("a line does not come again long after it was removed", () => {
  const come = (goneMs: number) =>
    untruths(
      { held: held("?????"), shown: shown([0, false], [3000, true]) },
      new Map([[line, { fromMs: 0, goneMs }]]),
    ).length;
  assert.equal(come(500), 1);
  assert.equal(come(2500), 0);
});
