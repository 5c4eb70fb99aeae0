import assert from "node:assert/strict";
import { test } from "node:test";
import { alignLines, linesOf } from "../../../lib/base/align-lines.ts";
import { oneOf, seeded } from "../../support/random.ts";

/** The length of the longest common subsequence. */
function common([first, ...a]: readonly string[], b: readonly string[]): number {
  if (first === undefined || b.length === 0) return 0;
  const at = b.indexOf(first);
  const used = at === -1 ? 0 : 1 + common(a, b.slice(at + 1));
  return Math.max(used, common(a, b));
}

test("as many lines as possible are aligned, in order", () => {
  const random = seeded(1);
  const lines = () => Array.from({ length: random() * 8 }, () => oneOf(["a", "b", "c"], random));
  for (let i = 0; i < 3000; i += 1) {
    const [before, after] = [lines(), lines()];
    const matches = alignLines(before, after);
    const pairs = matches.flatMap((match, j) => (match === undefined ? [] : [[j, match] as const]));
    for (const [j, match] of pairs) assert.equal(after[match], before[j]);
    const found = pairs.map(([, match]) => match);
    assert.deepEqual(
      found,
      [...found].sort((a, b) => a - b),
    );
    assert.equal(pairs.length, common(before, after), `${before} ${after}`);
  }
});

test("of texts that differ in hundreds of lines, equal lines are aligned wherever they are", () => {
  const numbered = (from: number) => Array.from({ length: 2000 }, (_, i) => `${from + i}`);
  const before = [...numbered(0), "same"];
  const after = ["same", ...numbered(5000)];
  const matches = alignLines(before, after);
  assert.equal(matches.at(-1), 0);
  assert.ok(matches.slice(0, -1).every((match) => match === undefined));
});

test("a last line feed begins no line", () => {
  assert.deepEqual(linesOf("a\n\nb\n"), ["a", "", "b"]);
  assert.deepEqual(linesOf(""), []);
});
