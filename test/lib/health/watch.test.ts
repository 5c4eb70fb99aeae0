import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Cell } from "../../../lib/base/cell.ts";
import { changedKeys, SharingMap } from "../../../lib/base/sharing-map.ts";
import { never, untilAborted } from "../../../lib/base/signal.ts";
import type { Subject } from "../../../lib/health/contract.ts";
import { CheckTriggers } from "../../../lib/health/triggers.ts";
import { type HealthById, type VerdictChange, watchHealth } from "../../../lib/health/watch.ts";
import { ManualClock } from "../../support/manual-clock.ts";

interface Config {
  readonly name: string;
  readonly interval: number;
  readonly rise: number;
  readonly fall: number;
}

const config = (name: string): Config => ({ name, interval: 1000, rise: 1, fall: 2 });

const subject = (id: string, port: number, ...names: string[]): Subject<Config> => ({
  id,
  target: { host: "h", port },
  checks: names.map(config),
});

/** Checks with results set by the test, by name; one without a result never ends. */
function watching(t: TestContext, ...initial: Subject<Config>[]) {
  const clock = new ManualClock();
  const subjects = new Cell<readonly Subject<Config>[]>(initial);
  const health = new Cell<HealthById>(SharingMap.of([]));
  const results: Record<string, boolean> = {};
  const probes: string[] = [];
  /** No probe ends before this, even if aborted. */
  const hold = { until: Promise.resolve() };
  const changes: VerdictChange[] = [];
  const triggers = new CheckTriggers();
  const triggered: string[] = [];
  const refused: { isRefused?: true } = {};
  const deps = {
    triggers,
    onTrigger: (id: string, why: string) => triggered.push(`${id} ${why}`),
    clock,
    random: () => 0.5,
    onVerdict: (change: VerdictChange) => changes.push(change),
    createCheck: ({ name }: Config, { port }: { port: number }) => ({
      title: `${name} ${port}`,
      async probe(signal: AbortSignal) {
        probes.push(`${clock.now()} ${name} ${port}`);
        await hold.until;
        const ok = results[name];
        if (ok === undefined) await clock.sleep(1_000_000, signal);
        if (ok) return { ok: true as const, tookMs: 0 };
        return { ok: false as const, tookMs: 0, why: "no", ...refused };
      },
    }),
  };
  const ending = new AbortController();
  const running = watchHealth(subjects, health, deps, ending.signal);
  const ended = untilAborted(ending.signal, running);
  t.after(async () => {
    ending.abort();
    await ended;
  });
  const verdicts = () => Object.fromEntries([...health.value].map(([id, h]) => [id, h.verdict]));
  const checked = { results, probes, hold, refused, triggers, triggered };
  return { clock, subjects, health, ...checked, changes, verdicts, running };
}

test("a subject is unknown until each of its checks has a reading", async (t) => {
  const w = watching(t, subject("web", 80, "a", "b"));
  w.results.a = true;
  await w.clock.advance(500);
  assert.deepEqual(w.verdicts(), { web: "unknown" });
  assert.deepEqual(
    w.health.value.get("web")?.checks.map(({ title, verdict }) => `${title} ${verdict}`),
    ["a 80 up", "b 80 unknown"],
  );
  assert.deepEqual(w.changes, []);
});

test("a subject without checks is up at once", async (t) => {
  const w = watching(t, subject("web", 80));
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "up" });
});

test("verdicts follow the readings, and each change is reported once", async (t) => {
  const w = watching(t, subject("web", 80, "a"));
  w.results.a = true;
  await w.clock.advance(5);
  assert.deepEqual(w.verdicts(), { web: "up" });
  w.results.a = false;
  await w.clock.advance(1000);
  assert.deepEqual(w.verdicts(), { web: "up" });
  assert.equal(w.health.value.get("web")?.checks[0]?.why, "no");
  await w.clock.advance(1000);
  assert.deepEqual(w.verdicts(), { web: "down" });
  assert.deepEqual(w.health.value.get("web"), {
    verdict: "down",
    checks: [{ title: "a 80", verdict: "down", against: 0, why: "no", sinceMs: 2005 }],
  });
  assert.deepEqual(
    w.changes.map(({ id, before, health }) => `${id} ${before} ${health.verdict}`),
    ["web unknown up", "web up down"],
  );
});

test("a reading without news does not set the cell", async (t) => {
  const w = watching(t, subject("web", 80, "a"));
  w.results.a = true;
  await w.clock.advance(5);
  const { version } = w.health;
  await w.clock.advance(10_000);
  assert.equal(w.health.version, version);
});

test("a verdict changes the health of its subject and shares the rest", async (t) => {
  const many = Array.from({ length: 2000 }, (_, i) => subject(`s${i}`, i));
  const w = watching(t, ...many, subject("web", 80, "a"));
  await w.clock.advance(0);
  const before = w.health.value;
  w.results.a = true;
  await w.clock.advance(5);
  assert.deepEqual([...changedKeys(before, w.health.value)], ["web"]);
  assert.equal(w.health.value.runs.filter((run) => !before.runs.includes(run)).length, 1);
});

test("a reading of a subject that was removed or replaced is ignored", async (t) => {
  const w = watching(t, subject("old", 80, "a"), subject("web", 81, "a"));
  w.results.a = true;
  const { promise, resolve } = Promise.withResolvers<void>();
  w.hold.until = promise;
  await w.clock.advance(10);
  assert.equal(w.probes.length, 2);
  w.subjects.set([subject("web", 81, "b")]);
  await w.clock.advance(0);
  resolve();
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "unknown" });
  assert.deepEqual(w.changes, []);
});

test("first rounds are spread over 10 ms for each check, and at most over the interval", async (t) => {
  const w = watching(t, subject("web", 80, "a", "b"), subject("db", 81, "c", "d"));
  await w.clock.advance(19);
  assert.deepEqual(w.probes, []);
  await w.clock.advance(1);
  assert.equal(w.probes.length, 4);
  const many = Array.from({ length: 200 }, (_, i) => subject(`s${i}`, i, "x"));
  w.subjects.set(many);
  await w.clock.advance(499);
  assert.equal(w.probes.length, 4);
  await w.clock.advance(1);
  assert.equal(w.probes.length, 204);
});

test("an unchanged subject keeps its health and its schedule", async (t) => {
  const w = watching(t, subject("web", 80, "a"));
  w.results.a = true;
  await w.clock.advance(5);
  const before = w.health.value.get("web");
  w.subjects.set([subject("web", 80, "a"), subject("db", 81)]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "up", db: "up" });
  assert.equal(w.health.value.get("web"), before);
  await w.clock.advance(900);
  assert.deepEqual(w.probes, ["5 a 80"]);
});

test("a changed target, and a changed check of what is not up, start again as unknown; a removed subject is no longer probed", async (t) => {
  const w = watching(t, subject("web", 80, "a"), subject("db", 81, "c"), subject("old", 82, "a"));
  w.results.a = true;
  w.results.c = false;
  await w.clock.advance(10_000);
  assert.deepEqual(w.verdicts(), { web: "up", db: "down", old: "up" });
  w.subjects.set([subject("web", 8080, "a"), subject("db", 81, "b")]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "unknown", db: "unknown" });
  w.probes.length = 0;
  await w.clock.advance(2000);
  assert.deepEqual(w.verdicts(), { web: "up", db: "unknown" });
  assert.deepEqual([...new Set(w.probes.map((line) => line.replace(/^\S+ /, "")))].sort(), [
    "a 8080",
    "b 81",
  ]);
});

test("a subject that is up stays up with other checks until these conclude otherwise, and an unchanged check keeps its verdict", async (t) => {
  const w = watching(t, subject("web", 80, "a", "b"), subject("db", 81, "a"));
  Object.assign(w.results, { a: true, b: true, c: true });
  await w.clock.advance(100);
  const since = w.health.value.get("web")?.checks[0]?.sinceMs;
  w.subjects.set([subject("web", 80, "c", "a"), subject("db", 81, "d")]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "up", db: "up" });
  const kept = w.health.value.get("web")?.checks.map(({ title, sinceMs }) => [title, sinceMs]);
  assert.deepEqual(kept, [
    ["c 80", 100],
    ["a 80", since],
  ]);
  w.results.d = false;
  await w.clock.advance(10_000);
  assert.deepEqual(w.verdicts(), { web: "up", db: "down" });
});

test("a process that is renamed keeps its verdict; one without a run does not", async (t) => {
  const named = (id: string, run: string) => ({ ...subject(id, 80, "a"), run });
  const w = watching(t, named("web", "1"), subject("db", 81, "a"));
  w.results.a = true;
  await w.clock.advance(100);
  w.subjects.set([named("shop", "1"), named("another", "2"), subject("store", 81, "a")]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { shop: "up", another: "unknown", store: "unknown" });
});

test("a process that moves to another target keeps its verdict until its checks conclude otherwise; another run does not", async (t) => {
  const at = (port: number, run: string) => ({ ...subject("web", port, "a"), run });
  const w = watching(t, at(80, "1"));
  w.results.a = true;
  await w.clock.advance(100);
  w.subjects.set([at(8080, "1")]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "up" });
  w.results.a = false;
  await w.clock.advance(10_000);
  assert.deepEqual(w.verdicts(), { web: "down" });
  assert.ok(w.probes.some((line) => line.endsWith("a 8080")));
  w.results.a = true;
  await w.clock.advance(10_000);
  assert.deepEqual(w.verdicts(), { web: "up" });
  w.subjects.set([at(8080, "2")]);
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "unknown" });
});

test("all checks of a triggered subject run at once, and those of no other", async (t) => {
  const w = watching(t, subject("web", 80, "a", "b"), subject("db", 81, "a"));
  Object.assign(w.results, { a: true, b: true });
  await w.clock.advance(300);
  w.probes.length = 0;
  w.triggers.trigger("web", "in doubt");
  w.triggers.trigger("none", "in doubt");
  await w.clock.advance(0);
  assert.deepEqual(w.probes, ["300 a 80", "300 b 80"]);
  assert.deepEqual(w.triggered, ["web in doubt"]);
  assert.deepEqual(w.verdicts(), { web: "up", db: "up" });
});

test("a refused connection is conclusive in a triggered round alone, and the reason has both", async (t) => {
  const w = watching(t, subject("web", 80, "a"), subject("db", 81, "b"));
  Object.assign(w.results, { a: true, b: true });
  await w.clock.advance(300);
  Object.assign(w.results, { a: false, b: false });
  w.triggers.trigger("db", "in doubt");
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "up", db: "up" }, "another failure needs fall");
  Object.assign(w.results, { a: true, b: true });
  await w.clock.advance(2000);
  Object.assign(w.results, { a: false, b: false });
  w.refused.isRefused = true;
  await w.clock.advance(1000);
  assert.deepEqual(w.verdicts(), { web: "up", db: "up" }, "a regular round needs fall");
  Object.assign(w.results, { a: true, b: true });
  await w.clock.advance(2000);
  w.results.a = false;
  w.triggers.trigger("web", "in doubt");
  await w.clock.advance(0);
  assert.deepEqual(w.verdicts(), { web: "down", db: "up" });
  assert.equal(w.health.value.get("web")?.checks[0]?.why, "no (checked at once: in doubt)");
});

test("a bug in a check ends the watch", async () => {
  const clock = new ManualClock();
  const deps = {
    clock,
    random: () => 0.5,
    onVerdict: () => {},
    triggers: new CheckTriggers(),
    onTrigger: () => {},
    createCheck: ({ name }: Config) => ({
      title: name,
      probe: async (signal: AbortSignal) => {
        if (name === "buggy") throw new TypeError("oops");
        await clock.sleep(1_000_000, signal);
        return { ok: true as const, tookMs: 0 };
      },
    }),
  };
  const subjects = new Cell<readonly Subject<Config>[]>([subject("web", 80, "slow", "buggy")]);
  const health = new Cell<HealthById>(SharingMap.of([]));
  const running = watchHealth(subjects, health, deps, never);
  const failing = assert.rejects(running, new TypeError("oops"));
  await clock.advance(1000);
  await failing;
});
