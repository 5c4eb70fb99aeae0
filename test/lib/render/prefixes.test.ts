import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { type Entry, isWithin } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { type RenderDeps, TemplateFile } from "../../../lib/render/template-file.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { visibleServices } from "../../../lib/view/visible.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { oneOf, seeded } from "../../support/random.ts";
import { root } from "../../support/sources.ts";

type Pairs = readonly (readonly [string, string])[];

const snapshotOf = (pairs: Pairs, before = Snapshot.empty) =>
  before.after({
    kind: "reset",
    revision: "1",
    entries: new Map(
      pairs.map(([key, value]): [string, Entry] => [key, { key, value, revision: "1" }]),
    ),
  });

const deps: RenderDeps = {
  env: {},
  resolver: { lookup: async () => [], resolveSrv: async () => [] },
  shipped: join(root, "templates"),
};

/** Every way to read the keyspace. A helper that has nothing to read within the prefixes throws, so each is a template. */
const readings = [
  ..."/ /* /*/* /*/*/* /*/a* /a* /a/* /a/*/* /a-b/* /[ab]/*"
    .split(" ")
    .flatMap((glob) => [
      `{{#each (gets "${glob}")}}{{key}}={{value}} {{/each}}`,
      `{{#each (getvs "${glob}")}}{{this}} {{/each}}`,
    ]),
  ..."/ /a /a/b /b /a-b"
    .split(" ")
    .flatMap((folder) => [
      `{{join (lsdir "${folder}") " "}}`,
      `{{#each (ls "${folder}")}}{{this}} {{/each}}`,
    ]),
  "{{#each services}}{{name}}: {{#each instances}}{{address}} {{/each}}\n{{/each}}",
  '{{#each (instances "b")}}{{address}} {{/each}}',
  '{{#if (exists "/a/b")}}yes{{else}}no{{/if}}',
  '{{getv "/a/b" "none"}}',
];

/** Renders with the services of `/a`, and keeps a template's text from one rendering to the next. */
async function renderer(source: string, prefixes: readonly string[]) {
  const settings = { name: "t", source, prefixes, format: "plain" as const };
  const file = await TemplateFile.open({ ...settings, target: { path: "/t" } }, deps);
  let seen = emptyPools("/a");
  return async (pairs: Pairs) => {
    seen = pools(seen, snapshotOf(pairs, seen.snapshot));
    const view = { snapshot: seen.snapshot, services: visibleServices(seen, prefixes) };
    try {
      const { text, quarantined } = await file.render(view, never);
      return { text, quarantined: quarantined.map(({ key, why }) => `${key}: ${why}`) };
    } catch (error) {
      return { failure: String(error) };
    }
  };
}

test("a template's text is the same beside others with other prefixes as it is alone", async (t) => {
  const folder = await throwAwayFolder(t);
  const random = seeded(7);
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(items: readonly T[]): T => oneOf(items, random);
  const names = ["a", "b", "a-b", "a.b", "ab"];
  const path = (length: number) => Array.from({ length }, () => `/${pick(names)}`).join("");
  const value = () =>
    pick(["10.0.0.1:80", "10.0.0.2:81", "10.0.0.3:82", "text", "two\nlines", `v${below(9)}`]);
  let different = 0;
  for (const [i, text] of readings.entries()) {
    const source = join(folder, `${i}.hbs`);
    await writeFile(source, text);
    for (let trial = 0; trial < 12; trial += 1) {
      const prefixes = Array.from({ length: 1 + below(3) }, () => path(1 + below(3)));
      const [among, alone] = [await renderer(source, prefixes), await renderer(source, prefixes)];
      let pairs: Pairs = Array.from({ length: 40 }, () => [path(1 + below(4)), value()]);
      for (let step = 0; step < 6; step += 1) {
        const own = pairs.filter(([key]) => prefixes.some((prefix) => isWithin(key, prefix)));
        const expected = await alone(own);
        assert.deepEqual(await among(pairs), expected, `${text} with ${prefixes}`);
        if ("text" in expected && own.length > 0) different += 1;
        pairs = [...pairs.filter(() => below(5) > 0), [path(1 + below(4)), value()]];
      }
    }
  }
  assert.ok(different > 500, `${different} renderings had keys to read`);
});

test("an entry counts for half of all entries only within the prefixes of its template", async (t) => {
  const source = join(await throwAwayFolder(t), "t.hbs");
  await writeFile(source, '{{#each (gets "/a/*")}}{{value}} {{/each}}');
  const render = await renderer(source, ["/a"]);
  const own: Pairs = [
    ["/a/1", "two\nlines"],
    ["/a/2", "two\nlines"],
    ["/a/3", "good"],
  ];
  const others = Array.from({ length: 9 }, (_, i) => [`/b/${i}`, "good"] as const);
  assert.match(String((await render(own)).failure), /RENDER_UNSAFE|a line break/);
  assert.match(String((await render([...own, ...others])).failure), /a line break/);
});

test("a message names no key outside of the prefixes", () => {
  const keys = new TemplateKeys(new Prefixes(["/a"]));
  keys.see(
    snapshotOf([
      ["/a/1", "secret"],
      ["/b/1", "secret"],
    ]),
  );
  assert.deepEqual(keys.keysContaining("secret"), ["/a/1"]);
});

test("entries of several prefixes are in key order", () => {
  const pairs = ["/a", "/a-b", "/a-b/1", "/a.b/1", "/a/1", "/ab"].map((key) => [key, "v"] as const);
  const prefixes = new Prefixes(["/ab", "/a.b", "/a", "/a-b", "/a/1"]);
  const snapshot = snapshotOf([...pairs, ["/c", "v"]]);
  const found = [...prefixes.below("", snapshot)].flat().map(({ key }) => key);
  assert.deepEqual(found, pairs.map(([key]) => key).sort());
  assert.equal(prefixes.sizeIn(snapshot), pairs.length);
  assert.equal(prefixes.isEmptyIn(snapshot), false);
  assert.equal(new Prefixes(["/b"]).isEmptyIn(snapshot), true);
});
