import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckHealth, Standing } from "../../../lib/health/contract.ts";
import { applyReading, judge, untested } from "../../../lib/health/judge.ts";
import type { Reading } from "../../../lib/model/verdict.ts";

const good: Reading = { ok: true, tookMs: 1 };
const bad: Reading = { ok: false, tookMs: 1, why: "refused" };

/** Readings as `+` and `-`, and the verdict after each of them as `U` or `D`. */
const tables: readonly [readings: string, rise: number, fall: number, verdicts: string][] = [
  ["+", 2, 3, "U"],
  ["-", 2, 3, "D"],
  ["+---", 2, 3, "UUUD"],
  ["+--+---", 2, 3, "UUUUUUD"],
  ["-++", 2, 3, "DDU"],
  ["-+-++", 2, 3, "DDDDU"],
  ["+-+-", 1, 1, "UDUD"],
  ["+---++---", 2, 3, "UUUDDUUUD"],
];

for (const [readings, rise, fall, verdicts] of tables) {
  test(`rise ${rise}, fall ${fall}: ${readings} gives ${verdicts}`, () => {
    let standing: Standing = untested;
    const given = [...readings].map((sign) => {
      standing = judge(standing, sign === "+" ? good : bad, { rise, fall });
      return standing.verdict === "up" ? "U" : "D";
    });
    assert.equal(given.join(""), verdicts);
  });
}

test("contradicting readings are counted; a confirming one resets the count", () => {
  const thresholds = { rise: 2, fall: 3 };
  const contradicted = judge({ verdict: "up", against: 1 }, bad, thresholds);
  assert.deepEqual(contradicted, { verdict: "up", against: 2 });
  assert.deepEqual(judge(contradicted, good, thresholds), { verdict: "up", against: 0 });
  assert.deepEqual(judge(contradicted, bad, thresholds), { verdict: "down", against: 0 });
});

test("a check keeps the reason until it is up, and the time of its last change", () => {
  const thresholds = { rise: 2, fall: 1 };
  const start: CheckHealth = { ...untested, title: "tcp a:1", why: undefined, sinceMs: 0 };
  const down = applyReading(start, bad, thresholds, 10);
  assert.deepEqual(down, {
    title: "tcp a:1",
    verdict: "down",
    against: 0,
    why: "refused",
    sinceMs: 10,
  });
  const rising = applyReading(down, good, thresholds, 20);
  assert.deepEqual(rising, { ...down, against: 1 });
  assert.deepEqual(applyReading(rising, good, thresholds, 30), {
    ...start,
    verdict: "up",
    sinceMs: 30,
  });
});

test("a reading without news yields the same object", () => {
  const known: CheckHealth = { title: "", verdict: "up", against: 0, why: undefined, sinceMs: 0 };
  assert.equal(applyReading(known, good, { rise: 1, fall: 1 }, 5), known);
  const failing: CheckHealth = { ...known, verdict: "down", why: "refused" };
  assert.equal(applyReading(failing, bad, { rise: 1, fall: 1 }, 5), failing);
});

test("an unknown reading changes neither the verdict nor the count", () => {
  const reading = { ok: undefined, tookMs: 1, why: "no memory left" } as const;
  const standing = { verdict: "up", against: 2 } as const;
  assert.equal(judge(standing, reading, { rise: 1, fall: 1 }), standing);
  const known = { ...standing, title: "tcp", why: "refused", sinceMs: 0 };
  assert.equal(applyReading(known, reading, { rise: 1, fall: 1 }, 5), known);
});
