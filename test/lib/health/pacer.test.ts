import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Check } from "../../../lib/health/contract.ts";
import { Pacer } from "../../../lib/health/pacer.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** A pacer that runs, and a check that counts its probes. */
function pacing(t: { readonly signal: AbortSignal }) {
  const clock = new ManualClock();
  const pacer = new Pacer();
  const reported: boolean[] = [];
  const probed: string[] = [];
  const check = (title: string): Check => ({
    title,
    probe: async () => {
      probed.push(title);
      return { ok: true, tookMs: 0 };
    },
  });
  const onDelayed = (isDelayed: boolean) => reported.push(isDelayed);
  pacer.run({ clock, onDelayed }, t.signal).catch(() => {});
  return { clock, reported, probed, paced: (title: string) => pacer.paced(check(title)) };
}

test("probes start in order, at most ten in ten milliseconds", async (t) => {
  const { clock, probed, paced } = pacing(t);
  const titles = Array.from({ length: 35 }, (_, i) => String(i));
  const probes = titles.map((title) => paced(title).probe(never));
  const counts: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    await clock.advance(10);
    counts.push(probed.length);
  }
  assert.deepEqual(probed, titles);
  for (const [i, count] of counts.entries()) {
    assert.ok(count <= 10 * (i + 2), `${count} after ${i + 1} ticks`);
  }
  await Promise.all(probes);
});

test("probes that arrive one after the other are limited, too", async (t) => {
  const { clock, probed, paced } = pacing(t);
  const probes = [];
  for (let i = 0; i < 100; i += 1) {
    probes.push(paced("a").probe(never));
    await clock.advance(0);
  }
  assert.ok(probed.length <= 10, `${probed.length} at once`);
  for (let i = 0; i < 110; i += 1) await clock.advance(10);
  await Promise.all(probes);
  assert.equal(probed.length, 100);
});

test("a probe that is aborted while it waits does not start", async (t) => {
  const { clock, probed, paced } = pacing(t);
  const ending = new AbortController();
  const probes = Array.from({ length: 30 }, () => paced("a").probe(never));
  const aborted = assert.rejects(paced("b").probe(ending.signal), new Error("stop"));
  ending.abort(new Error("stop"));
  await aborted;
  for (let i = 0; i < 5; i += 1) await clock.advance(10);
  await Promise.all(probes);
  assert.equal(probed.includes("b"), false);
});

test("probes that wait for longer than a second are reported, and their end", async (t) => {
  const { clock, reported, paced } = pacing(t);
  const probes = Array.from({ length: 1200 }, () => paced("a").probe(never));
  await clock.advance(10);
  assert.deepEqual(reported, [true]);
  for (let i = 0; i < 130; i += 1) await clock.advance(10);
  await Promise.all(probes);
  assert.deepEqual(reported, [true, false]);
});
