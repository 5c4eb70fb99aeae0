/**
 * Whether anything of a change stays in memory: a hundred thousand changes of a service, by which endpoints come and go, are
 * renamed and drained, and repeat addresses, through view, guard and rendering, in this process.
 *
 *   npm run bench:leaks                               100 000 changes of 1 000 instances
 *   npm run bench:leaks -- 20000 10000                other numbers of changes, and of instances
 *
 * Prints the heap that is in use after each tenth of the changes, after a garbage collection. It ends flat: the last tenths
 * have what the third one has, and the program fails if they have a twentieth more.
 */
import { setImmediate as immediate } from "node:timers/promises";
import type { Entry } from "../lib/model/entry.ts";
import { Snapshot } from "../lib/model/snapshot.ts";
import { kinds as formats } from "../lib/render/escape/kinds.ts";
import { TemplateKeys } from "../lib/render/keys.ts";
import { compileSources } from "../lib/render/language.ts";
import { Prefixes } from "../lib/render/prefixes.ts";
import { DrainedFinder } from "../lib/view/drained.ts";
import { emptyGuarded, guard } from "../lib/view/guard.ts";
import { pools } from "../lib/view/pools.ts";
import { PoolResolver } from "../lib/view/resolve-pools.ts";
import { seeded } from "../test/support/random.ts";

const [changes = 100_000, instances = 1000] = process.argv.slice(2).map(Number);
const random = seeded(1);
const below = (limit: number) => Math.floor(random() * limit);

const template = compileSources(
  {
    main: {
      name: "list.hbs",
      text: '{{#each services}}{{#each instances}}server {{address}} {{weight}};\n{{/each}}{{/each}}{{#each (getvs "/app/*")}}{{this}}\n{{/each}}',
    },
    partials: new Map(),
  },
  { name: "plain", escape: formats.plain },
);

/** Half of the ids are addresses, and few hosts are names, so that addresses are repeated now and then. */
function randomEntry(): [string, Entry] {
  const i = below(instances);
  const host = i % 50 === 0 ? `web-${i}.test` : `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  const id = i % 2 ? `${host}:80` : `i_${String(below(instances)).padStart(10, "0")}`;
  const isSetting = i % 10 === 3;
  const key = isSetting ? `/app/${i}` : `/services/web/${id}`;
  const value = JSON.stringify({ host, port: 80, weight: below(4), name: `n${below(1e9)}` });
  return [key, { key, value, revision: String(below(1e9)) }];
}

const rules = {
  all: { maxLoss: 1, min: 0, retainMs: 1000, keepEmpty: false },
  services: {},
};
const prefixes = new Prefixes(["/services", "/app"]);
const keys = new TemplateKeys(prefixes);
const [drained, resolver] = [new DrainedFinder(), new PoolResolver()];
let guarded = emptyGuarded("/services");
let snapshot = Snapshot.empty;
let bytes = 0;

function apply(next: Snapshot, nowMs: number): void {
  snapshot = next;
  guarded = guard(guarded, pools(guarded.observed, snapshot), rules, nowMs);
  const { effective } = guarded;
  keys.see(effective.snapshot);
  const lookups = { ip: () => [], srv: () => [] };
  const services = [...effective.byName.values()];
  bytes += template.render({
    ...{ keys, services, lookups, env: () => undefined, now: new Date(nowMs) },
  }).length;
  drained.in(effective);
  resolver.namesIn(effective);
}

const first = new Map(Array.from({ length: instances }, randomEntry));
apply(Snapshot.empty.after({ kind: "reset", revision: "1", entries: first }), 0);
const heapMb: number[] = [];
for (let n = 1; n <= changes; n += 1) {
  const all = snapshot.chunks[below(snapshot.chunks.length)] ?? [];
  const victim = all[below(all.length)];
  const put = new Map([randomEntry()]);
  const gone = victim && random() < 0.5 && !put.has(victim.key) ? [victim.key] : [];
  const isReset = n % 1000 === 0;
  const next = snapshot.after({ kind: "delta", revision: String(n), put, gone });
  const entries = new Map(next.chunks.flat().map((one) => [one.key, { ...one }]));
  apply(isReset ? next.after({ kind: "reset", revision: String(n), entries }) : next, n * 36);
  // What a weak reference names is kept until the end of a turn.
  if (n % 10 === 0) await immediate();
  if (n % Math.ceil(changes / 10) === 0) {
    globalThis.gc?.();
    heapMb.push(process.memoryUsage().heapUsed / 2 ** 20);
    console.log(`${n} changes: ${heapMb.at(-1)?.toFixed(1)} MB, ${snapshot.size} keys`);
  }
}
const { heapUsed, external } = process.memoryUsage();
console.log(
  `heap ${(heapUsed / 2 ** 20).toFixed(1)} MB, external ${(external / 2 ** 20).toFixed(1)} MB, ${bytes} characters rendered`,
);
const [flat = Number.NaN, last = Number.NaN] = [heapMb[2], heapMb.at(-1)];
if (!(last <= flat * 1.05)) {
  console.error(
    `the heap grows: ${flat.toFixed(1)} MB after three tenths, ${last.toFixed(1)} MB at the end`,
  );
  process.exitCode = 1;
}
