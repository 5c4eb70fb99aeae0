import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openGroups } from "../../../agents/watch/groups.ts";
import { tryToApply } from "../../../agents/watch/judge.ts";
import { GenerationRecorder } from "../../../agents/watch/record.ts";
import type { Asked } from "../../../agents/watch/simulate/alteration.ts";
import { simulate } from "../../../agents/watch/simulate/simulate.ts";
import { never } from "../../../lib/base/signal.ts";
import type { WatchPlan } from "../../../lib/config/plan.ts";
import type { Draft } from "../../../lib/journal/contract.ts";
import { Journal } from "../../../lib/journal/journal.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { unlimited } from "../../../lib/view/limits.ts";
import { emptyPools, pools as poolsOf } from "../../../lib/view/pools.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { oneOf, seeded } from "../../support/random.ts";
import { RecordingLog } from "../../support/recording-log.ts";

const prefixes = ["/services", "/app"];

/** Every key of the histories, with the values that it may have. */
const keys: readonly (readonly [key: string, ...values: string[]])[] = [
  ...["a", "b", "c/d", "c/e"].map((name) => [`/app/${name}`, "on", "off", "many"] as const),
  ...["web", "db"].flatMap((service) =>
    [1, 2, 3].map(
      (i) =>
        [
          `/services/${service}/${i}`,
          `10.0.0.${i}:80`,
          `{"host":"10.0.0.${i}","port":80,"weight":2}`,
          `{"host":"10.0.0.${i}","port":80,"weight":2,"labels":{"zone":"a"}}`,
        ] as const,
    ),
  ),
];

/** Parts of templates that depend on keys in different ways. */
const parts = [
  '{{getv "/app/a" "none"}}',
  '{{#if (exists "/app/b")}}{{getv "/app/c/d" "none"}}{{/if}}',
  '{{#if (eq (getv "/app/a" "") "on")}}{{getv "/app/b" "none"}}{{else}}{{getv "/app/c/e" "none"}}{{/if}}',
  '{{#each (gets "/app/c/*")}}{{key}}={{value}} {{/each}}',
  '{{#each (gets "/app/*")}}{{key}} {{/each}}',
  '{{#each (ls "/app")}}{{this}} {{/each}}',
  '{{#if (or (exists "/app/a") (exists "/app/b"))}}some{{/if}}',
  "{{#each services}}{{name}} {{/each}}",
  "{{#each services}}{{#each instances}}{{address}} {{/each}}{{/each}}",
  '{{#each (instances "web")}}{{address}}*{{weight}} {{/each}}',
  '{{#each (getvs "/services/db/*")}}{{this}} {{/each}}',
];

/** The alteration after which a snapshot has some keys as another one has them. */
function asIn(other: Snapshot, some: readonly string[]): Asked {
  const put = new Map(
    some.flatMap((key) => other.get(key) ?? []).map((one) => [one.key, one.value]),
  );
  return { with: put, without: some.filter((key) => !put.has(key)) };
}

async function groupOf(t: TestContext, text: string) {
  const folder = await throwAwayFolder(t);
  const [source, path] = [join(folder, "t.hbs"), join(folder, "out")];
  await writeFile(source, text);
  const clock = new ManualClock();
  const all = { maxLoss: 1, min: 0, retainMs: 0, keepEmpty: false };
  const plan: Partial<WatchPlan> = {
    ...{ services: "/services", sources: {}, limits: unlimited, guard: { all, services: {} } },
    templates: [{ name: "t.hbs", source, prefixes, format: "plain", target: { path } }],
    ...{ retry: { firstMs: 1000, maxMs: 1000 }, resolve: false },
  };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const deps = { clock, random: () => 0, env: {}, resolver, shipped: folder };
  const [group] = await openGroups(plan as WatchPlan, deps);
  assert.ok(group);
  /** The text for a snapshot, and that for an altered one: by sources that have rendered nothing before. */
  const simulated = async (snapshot: Snapshot, asked: Asked) => {
    const groups = await openGroups(plan as WatchPlan, deps);
    const log = new RecordingLog();
    const { groups: found } = await simulate(
      plan as WatchPlan,
      groups,
      snapshot,
      asked,
      { ...deps, log },
      never,
    );
    const file = found[0]?.files[0];
    assert.ok(file);
    return file;
  };
  return { group, path, clock, simulated };
}

/** A delta with some random changes. */
function changes(snapshot: Snapshot, revision: string, random: () => number) {
  const put = new Map<string, Entry>();
  const gone: string[] = [];
  for (let count = 1 + Math.floor(random() * 5); count > 0; count -= 1) {
    const [key, ...values] = oneOf(keys, random);
    if (put.has(key) || gone.includes(key)) continue;
    if (snapshot.get(key) && random() < 0.4) gone.push(key);
    else put.set(key, { key, value: oneOf(values, random), revision });
  }
  return { kind: "delta", revision, put, gone } as const;
}

interface Step {
  readonly changed: readonly string[];
  readonly before: Snapshot;
  readonly snapshot: Snapshot;
  readonly textBefore: string;
  readonly now: string;
}

/** The changed keys that matter: without one of them, or with it alone, the text is another one. */
async function neededOf(
  { changed, before, snapshot, textBefore, now }: Step,
  textOf: (one: Snapshot, asked: Asked) => Promise<string>,
): Promise<readonly string[]> {
  const needed: string[] = [];
  for (const key of changed) {
    const without = await textOf(snapshot, asIn(before, [key]));
    const alone = await textOf(before, asIn(snapshot, [key]));
    if (without !== now || alone !== textBefore) needed.push(key);
  }
  return needed;
}

test("the causes of a generation are exactly the keys whose reversal makes the text equal again", async (t) => {
  const statistics = { histories: 0, generations: 0, causes: 0, others: 0, joint: 0 };
  for (let seed = 1; seed <= 60; seed += 1) {
    const random = seeded(seed);
    statistics.histories += 1;
    const chosen = parts.filter(() => random() < 0.25);
    const text = `${(chosen.length > 0 ? chosen : [oneOf(parts, random)]).join("\n")}\n`;
    const { group, path, clock, simulated } = await groupOf(t, text);
    const drafts: Draft[] = [];
    const journal = await Journal.open(false, { clock });
    const recording = {
      append: (draft: Draft) => {
        drafts.push(draft);
        return journal.append(draft);
      },
    };
    const recorder = new GenerationRecorder({ group, outOfSync: [] }, recording, { clock });
    let [snapshot, before] = [Snapshot.empty, Snapshot.empty];
    let pools = emptyPools("/services");
    let textBefore = "";
    for (let step = 0; step < 8; step += 1) {
      snapshot = snapshot.after(changes(snapshot, String(step + 1), random));
      pools = poolsOf(pools, snapshot);
      const trace = recorder.begin({ reasons: [], seenMs: clock.now() }, snapshot);
      const outcome = await tryToApply(
        group,
        pools,
        { clock, log: new RecordingLog(), trace },
        never,
      );
      assert.ok("kind" in outcome, `seed ${seed}`);
      await recorder.end(trace, outcome, never);
      const draft = drafts.at(-1);
      assert.ok(draft);
      const now = await readFile(path, "utf8");
      if (step > 0) await judge(draft, now, `seed ${seed}, step ${step}: ${text}`);
      [before, textBefore] = [snapshot, now];
    }

    async function judge({ cause, how }: Draft, now: string, where: string): Promise<void> {
      const changed = [...snapshot.changedSince(before)].filter(
        (key) => snapshot.get(key)?.value !== before.get(key)?.value,
      );
      const named = cause.keys.map(({ key }) => key);
      if (how === "same") {
        assert.equal(now, textBefore, where);
        return assert.deepEqual(named, [], where);
      }
      assert.notEqual(now, textBefore, where);
      const reversed = await simulated(snapshot, asIn(before, named));
      assert.equal(reversed.before, now, where);
      assert.equal(reversed.after, textBefore, where);
      const textOf = async (one: Snapshot, asked: Asked) => (await simulated(one, asked)).after;
      const all = { changed, before, snapshot, textBefore, now };
      const needed = await neededOf(all, textOf);
      // Changes that only matter together are all named.
      const isJoint = (await textOf(snapshot, asIn(before, needed))) !== textBefore;
      if (!isJoint) assert.deepEqual(named, needed, where);
      statistics.generations += 1;
      statistics.causes += named.length;
      statistics.others += changed.length - named.length;
      statistics.joint += isJoint ? 1 : 0;
    }
  }
  t.diagnostic(`${JSON.stringify(statistics)}, 0 mistakes`);
  assert.ok(statistics.generations > 150 && statistics.others > 50, JSON.stringify(statistics));
});

test("finding out causes does not change what a file is known to depend on", async (t) => {
  const text = '{{#if (exists "/app/a")}}{{getv "/app/b" "no b"}}{{/if}} {{getv "/app/c" "no c"}}';
  const { group, clock } = await groupOf(t, text);
  const journal = await Journal.open(false, { clock });
  const recorder = new GenerationRecorder({ group, outOfSync: [] }, journal, { clock });
  const reconcile = async (snapshot: Snapshot) => {
    const trace = recorder.begin({ reasons: [], seenMs: clock.now() }, snapshot);
    const pools = poolsOf(emptyPools("/services"), snapshot);
    const deps = { clock, log: new RecordingLog(), trace };
    const outcome = await tryToApply(group, pools, deps, never);
    assert.ok("kind" in outcome);
    await recorder.end(trace, outcome, never);
  };
  await reconcile(Snapshot.empty);
  const entries = ["/app/a", "/app/c"].map((key) => ({ key, value: "1", revision: "2" }));
  const put = new Map(entries.map((one) => [one.key, one]));
  await reconcile(Snapshot.empty.after({ kind: "delta", revision: "2", put, gone: [] }));
  const { cause } = journal.facts.since(1).facts[0]?.generation ?? {};
  assert.deepEqual(
    cause?.keys.map(({ key }) => key),
    ["/app/a", "/app/c"],
    "both were tried out",
  );
  const source = group.files[0]?.source;
  const dependsOn = (key: string) =>
    source?.dependsOn({ keys: new Map([[key, true]]), services: new Set() });
  assert.deepEqual(["/app/b", "/app/d"].map(dependsOn), [true, false]);
});
