import assert from "node:assert/strict";
import { test } from "node:test";
import {
  longLifeMs,
  requiredLifeMs,
  type ShortLives,
  shortLivesAfter,
} from "../../../../lib/clients/docker/short-lives.ts";

const after = (...livesMs: readonly number[]): ShortLives =>
  livesMs.reduce<ShortLives>(
    (lives, livedMs) => shortLivesAfter(lives, { id: "web", livedMs, wasAsked: false }),
    new Map(),
  );

test("the longest of several short runs counts", () => {
  assert.deepEqual([...after(400)], [["web", 400]]);
  assert.deepEqual([...after(400, 900, 50)], [["web", 900]]);
});

test("a long run, or one that was asked to stop, ends the series", () => {
  assert.deepEqual([...after(400, longLifeMs)], []);
  assert.deepEqual([...after(400, longLifeMs, 300)], [["web", 300]]);
  const asked = { id: "web", livedMs: 100, wasAsked: true };
  assert.deepEqual([...shortLivesAfter(after(400), asked)], []);
  assert.deepEqual([...shortLivesAfter(new Map(), asked)], []);
});

test("a run has to last twice as long as a short one, and no longer than a long one", () => {
  assert.equal(requiredLifeMs(400), 800);
  assert.equal(requiredLifeMs(longLifeMs - 1), longLifeMs);
});

test("the 1000 containers that ended last are remembered", () => {
  let lives: ShortLives = new Map();
  const ended = (id: string) => {
    lives = shortLivesAfter(lives, { id, livedMs: 1, wasAsked: false });
  };
  for (let i = 0; i < 1000; i += 1) ended(String(i));
  ended("0");
  ended("1000");
  assert.equal(lives.size, 1000);
  assert.deepEqual(
    ["0", "1", "2", "1000"].map((id) => lives.has(id)),
    [true, false, true, true],
  );
});
