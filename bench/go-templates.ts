/**
 * What a change costs in a Go template, and in its Handlebars twin: the time and the processor time to render the next snapshot,
 * of which one value differs. Both print the same text.
 *
 *   npm run bench:templates              with 10, 1 000, 10 000 and 100 000 keys
 *   node bench/go-templates.ts 5000      another number
 */
import assert from "node:assert/strict";
import type { Entry } from "../lib/model/entry.ts";
import { Snapshot } from "../lib/model/snapshot.ts";
import type { Source, Template } from "../lib/render/contract.ts";
import { TemplateKeys } from "../lib/render/keys.ts";
import { compileSources, languageOf } from "../lib/render/language.ts";
import { Prefixes } from "../lib/render/prefixes.ts";
import { median } from "./figures.ts";

const sizes =
  process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10, 1000, 10_000, 100_000];
const [warmUp, changes] = [30, 200];

const twins: Readonly<Record<string, string>> = {
  "t.hbs": `upstream app {
{{#each (gets "/app/*")}}
  server {{value}}; # {{base key}}{{#if (eq value "10.0.0.1:80")}} first{{/if}}
{{/each}}
}
`,
  "t.tmpl": `upstream app {
{{range gets "/app/*"}}  server {{.Value}}; # {{base .Key}}{{if eq .Value "10.0.0.1:80"}} first{{end}}
{{end}}}
`,
};

function entryOf(i: number, revision: number): Entry {
  const value = `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}:${80 + revision}`;
  return { key: `/app/${String(i).padStart(6, "0")}`, value, revision: String(revision) };
}

interface Rendering {
  readonly keys: TemplateKeys;
  readonly template: Template;
  readonly ms: number[];
}

function open(name: string, text: string): Rendering {
  const main: Source = { name, text, language: languageOf(name) };
  const format = { name: "plain", escape: () => undefined };
  const template = compileSources({ main, partials: new Map() }, format);
  return { keys: new TemplateKeys(new Prefixes(["/app"])), template, ms: [] };
}

function render({ keys, template, ms }: Rendering, snapshot: Snapshot): string {
  const start = performance.now();
  keys.see(snapshot);
  const lookups = { ip: () => [], srv: () => [] };
  const env = () => undefined;
  const text = template.render({ keys, services: [], env, now: new Date(0), lookups });
  ms.push(performance.now() - start);
  return text;
}

console.log("| keys | Handlebars, ms | Go, ms | ratio |\n| --- | --- | --- | --- |");
for (const size of sizes) {
  const entries = Array.from({ length: size }, (_, i) => entryOf(i, 0));
  const all = new Map(entries.map((entry) => [entry.key, entry]));
  let snapshot = Snapshot.empty.after({ kind: "reset", revision: "0", entries: all });
  const renderings = Object.entries(twins).map(([name, text]) => open(name, text));
  for (let change = 1; change <= warmUp + changes; change += 1) {
    const entry = entryOf((change * 7919) % size, 1 + (change % 100));
    const put = new Map([[entry.key, entry]]);
    snapshot = snapshot.after({ kind: "delta", revision: String(change), put, gone: [] });
    // Each is the first one as often as the other.
    const order = change % 2 === 0 ? renderings : renderings.toReversed();
    const [one, other] = order.map((rendering) => render(rendering, snapshot));
    assert.equal(one, other);
  }
  const [handlebars = 0, go = 0] = renderings.map(({ ms }) => median(ms.slice(warmUp)));
  console.log(
    `| ${size} | ${handlebars.toFixed(3)} | ${go.toFixed(3)} | ${(go / handlebars).toFixed(2)} |`,
  );
}
