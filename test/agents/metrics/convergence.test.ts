import assert from "node:assert/strict";
import { test } from "node:test";
import { Convergence } from "../../../agents/metrics/convergence.ts";
import { encode } from "../../../lib/model/encode.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { stamped } from "../../../lib/model/stamp.ts";

const minute = 60_000;

/** The time of this machine, and the entries of an agent whose clock is `aheadMs` ahead. */
function scene(aheadMs = 0) {
  const time = { nowMs: 1_732_627_000_000 };
  const convergence = new Convergence(() => time.nowMs);
  const entry = (id: string, { weight, owner = "1" }: { weight?: number; owner?: string } = {}) => {
    const instance = { service: "web", id, host: "10.0.0.1", port: 80 };
    const value = encode({ ...instance, ...(weight !== undefined && { weight }) }, "json");
    const key = `/services/web/${id}`;
    return { key, value: stamped(value, time.nowMs + aheadMs), revision: "1", owner };
  };
  const arrive = (one: Entry, afterMs = 0) => {
    time.nowMs += afterMs;
    const put = new Map([[one.key, one]]);
    convergence.onBatch({ kind: "delta", revision: "1", put, gone: [] });
  };
  const serve = (one: Entry, afterMs: number, before?: Entry) => {
    time.nowMs += afterMs;
    convergence.onVerified(before, one);
  };
  const samples = (name: string) =>
    convergence.families.find((one) => one.name === name)?.samples ?? [];
  /** By kind, how many there are and how many seconds they took together. */
  const took = () => {
    const of = (kind: string, suffix: string) =>
      samples("sidekick_convergence_seconds").find(
        (one) => one.suffix === suffix && one.labels?.kind === kind,
      )?.value;
    const kinds = ["join", "change", "leave"].filter((kind) => of(kind, "_count") !== undefined);
    return Object.fromEntries(
      kinds.map((kind) => [kind, [of(kind, "_count"), Number(of(kind, "_sum")?.toFixed(3))]]),
    );
  };
  const offset = () => samples("sidekick_clock_offset_seconds").map(({ value }) => value);
  return { time, convergence, entry, arrive, serve, took, offset };
}

test("the time from stamp to service is measured by what became of the instance", () => {
  const { entry, arrive, serve, took, offset } = scene();
  assert.deepEqual([took(), offset()], [{}, []]);
  const first = entry("a");
  arrive(first, 5);
  serve(first, 20);
  const changed = entry("a", { weight: 5 });
  arrive(changed, 5);
  serve(changed, 45, first);
  const leaving = entry("a", { weight: 0 });
  serve(leaving, 100, changed);
  assert.deepEqual(took(), { join: [1, 0.025], change: [1, 0.05], leave: [1, 0.1] });
  assert.deepEqual(offset(), [0]);
});

test("what does not show how long a change took does not count", () => {
  const { time, convergence, entry, serve, took } = scene();
  const early = entry("early");
  time.nowMs += 1;
  convergence.onBatch({ kind: "reset", revision: "1", entries: new Map([[early.key, early]]) });
  serve(early, 10);
  const old = entry("old");
  serve(old, 60 * minute + 1);
  const same = entry("same");
  serve(same, 1, { ...same, revision: "0" });
  const { value: _, ...rest } = entry("plain");
  serve({ ...rest, value: '{"host":"10.0.0.1","port":80}' }, 1);
  assert.deepEqual(took(), {});
});

test("an outage between the verdict and the put counts", () => {
  const { entry, arrive, serve, took, offset } = scene();
  const late = entry("a");
  arrive(late, 30_000);
  serve(late, 10);
  assert.deepEqual(took(), { join: [1, 30.01] });
  assert.deepEqual(offset(), [0]);
});

test("a clock that is ahead is known with the first stamp, and is subtracted", () => {
  const { entry, arrive, serve, took, offset } = scene(5000);
  const one = entry("a");
  arrive(one, 4);
  serve(one, 20);
  assert.deepEqual(took(), { join: [1, 0.02] });
  assert.deepEqual(offset(), [4.996]);
});

test("a clock that is behind is known after three stamps at different times, for ten minutes", () => {
  const { time, entry, arrive, serve, took, offset } = scene(-5000);
  for (const [id, afterMs] of [
    ["a", 3],
    ["b", 7],
    ["c", 8],
  ] as const) {
    assert.deepEqual(offset(), id === "a" ? [] : [0]);
    arrive(entry(id), afterMs);
    // Another one at the same time shows nothing more.
    arrive(entry(`${id}2`), 2);
    time.nowMs += minute;
  }
  assert.deepEqual(offset(), [5.002]);
  // It cannot be seen that it is the same agent after its session has expired.
  arrive(entry("x", { owner: "2" }), 1);
  assert.deepEqual(offset(), [5.002]);
  const one = entry("d");
  arrive(one, 4);
  serve(one, 20);
  assert.deepEqual(took(), { join: [1, 0.022] });
  time.nowMs += 11 * minute;
  arrive(entry("y", { owner: "2" }), 1);
  assert.deepEqual(offset(), [0]);
});
