import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { keysOfLine, usualLimits } from "../../../../agents/watch/explain/keys-of-line.ts";
import { Trials } from "../../../../agents/watch/explain/trials.ts";
import { linesOfKey } from "../../../../agents/watch/explain/tried-lines.ts";
import type { GroupFile } from "../../../../agents/watch/groups.ts";
import { alignLines, linesOf } from "../../../../lib/base/align-lines.ts";
import { Fault } from "../../../../lib/base/fault.ts";
import { never } from "../../../../lib/base/signal.ts";
import { Snapshot } from "../../../../lib/model/snapshot.ts";
import { TemplateFile } from "../../../../lib/render/template-file.ts";
import type { Pools } from "../../../../lib/view/contract.ts";
import { emptyPools, pools as poolsOf } from "../../../../lib/view/pools.ts";
import { visibleServices } from "../../../../lib/view/visible.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { throwAwayFolder } from "../../../support/process.ts";
import { oneOf, seeded } from "../../../support/random.ts";

const prefixes = ["/services", "/app"];

/** Pieces of templates: lines of one entry, of several, of none, and of how many there are. */
const pieces = [
  '{{#each (instances "web")}}server {{address}} weight {{weight}}\n{{/each}}',
  "{{#each services}}pool {{name}}\n{{#each instances}}  {{name}} {{address}}\n{{/each}}{{/each}}",
  "{{#each services}}{{#each instances}}twin {{weight}}\n{{/each}}{{/each}}",
  '{{#each (gets "/app/*")}}{{key}} {{value}}\n{{/each}}',
  'maximum {{getv "/app/a" "none"}}\n',
  '{{#if (exists "/app/b")}}flag\n{{/if}}',
  'count {{len (instances "web")}}\n',
  '{{#each (instances "api")}}{{@index}} {{host}}\n{{else}}empty\n{{/each}}',
  "fixed\n",
  "\n",
];

function randomSnapshot(random: () => number, hasAliases: boolean): Snapshot {
  const entries = new Map<string, { key: string; value: string; revision: string }>();
  const add = (key: string, value: string) => entries.set(key, { key, value, revision: "1" });
  for (let i = 0; i < random() * 8; i += 1) {
    const host = `10.0.0.${1 + Math.floor(random() * 4)}`;
    // Aliases repeat an address, so that one entry takes the place of another: only one by one their effects do not cancel out.
    const id = !hasAliases || random() < 0.7 ? `${host}:80` : `alias-${Math.floor(random() * 3)}`;
    const weight = oneOf([0, 1, 5], random);
    const value = JSON.stringify({ host, port: 80, weight });
    add(`/services/${oneOf(["web", "api"], random)}/${id}`, random() < 0.1 ? "damaged" : value);
  }
  for (const name of ["a", "b", "c"]) {
    if (random() < 0.5) add(`/app/${name}`, oneOf(["1", "2"], random));
  }
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries });
}

async function scene(folder: string, text: string) {
  const source = join(folder, "t.hbs");
  await writeFile(source, text);
  const target = { path: join(folder, "out") };
  const plan = { name: "t.hbs", source, target, prefixes, format: "plain" as const };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const open = () => TemplateFile.open(plan, { env: {}, resolver, shipped: folder });
  const file: GroupFile = { plan, source: await open() };
  /** The text of a process that has seen nothing else. */
  const rendered = async (pools: Pools) => {
    const view = { snapshot: pools.snapshot, services: visibleServices(pools, prefixes) };
    return linesOf((await (await open()).render(view, never)).text);
  };
  return { file, rendered };
}

async function trialsOf(file: GroupFile, pools: Pools) {
  const view = { snapshot: pools.snapshot, services: visibleServices(pools, prefixes) };
  await file.source.render(view, never);
  const trials = new Trials(file, pools, (same) => same, never);
  const base = await trials.base();
  assert.ok(!(base instanceof Fault));
  return { trials, base };
}

/** The length of the longest common subsequence. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const one of a) {
    const next = [0];
    b.forEach((other, j) => {
      next.push(one === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

const cases = 150;

for (const singly of [usualLimits.singly, 0]) {
  const how = singly > 0 ? "one by one" : "in groups";
  test(`lines and keys name each other, and exactly what another text lacks (${how})`, async (t) => {
    const random = seeded(7 + singly);
    const folder = await throwAwayFolder(t);
    let named = 0;
    for (let i = 0; i < cases; i += 1) {
      const text = Array.from({ length: 1 + random() * 4 }, () => oneOf(pieces, random)).join("");
      const { file, rendered } = await scene(folder, text);
      const before = poolsOf(emptyPools("/services"), randomSnapshot(random, singly > 0));
      const { trials, base } = await trialsOf(file, before);
      const keys = before.snapshot.chunks.flat().map(({ key }) => key);
      const expected = new Map<string, readonly number[]>();
      for (const key of keys) {
        const gone = { kind: "delta", revision: "2", put: new Map(), gone: [key] } as const;
        const fresh = poolsOf(emptyPools("/services"), before.snapshot.after(gone));
        const after = await rendered(fresh);
        const { lines } = await linesOfKey(trials, base, key);
        const rest = base.filter((_, j) => !lines.includes(j));
        assert.equal(common(rest, after), rest.length, `${text}: ${key} names too little`);
        assert.equal(rest.length, common(base, after), `${text}: ${key} names too much`);
        const aligned = alignLines(base, after);
        expected.set(
          key,
          aligned.flatMap((match, j) => (match === undefined ? [j] : [])),
        );
        named += lines.length;
      }
      for (let j = 0; j < base.length; j += 1) {
        // Of equal lines, any one may stand for another: groups of entries do not tell them apart.
        if (singly === 0 && base.filter((one) => one === base[j]).length > 1) continue;
        const limits = { ...usualLimits, singly };
        const { found, isComplete } = await keysOfLine(trials, base, j, limits, new ManualClock());
        assert.ok(isComplete);
        const wanted = keys.filter((key) => expected.get(key)?.includes(j));
        const got = found.map(({ entry }) => entry.key);
        assert.deepEqual([...got].sort(), [...wanted].sort(), `${text}: line ${j + 1}`);
      }
    }
    assert.ok(named > cases, "entries have lines");
    t.diagnostic(`${cases} keyspaces and templates, ${named} lines named`);
  });
}

test("a key that cannot be missing is named with the lines that change with its value", async (t) => {
  const folder = await throwAwayFolder(t);
  const { file } = await scene(folder, 'first\nmaximum {{getv "/app/a"}}\n');
  const entries = new Map([["/app/a", { key: "/app/a", value: "1", revision: "1" }]]);
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "1", entries });
  const { trials, base } = await trialsOf(file, poolsOf(emptyPools("/services"), snapshot));
  const { lines, fault } = await linesOfKey(trials, base, "/app/a");
  assert.deepEqual([lines, fault?.code.startsWith("RENDER_")], [[1], true]);
  const { found } = await keysOfLine(trials, base, 1, usualLimits, new ManualClock());
  assert.deepEqual(
    found.map(({ entry, isRequired }) => [entry.key, isRequired]),
    [["/app/a", true]],
  );
});
