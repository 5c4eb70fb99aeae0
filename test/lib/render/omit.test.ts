import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { emptyResolution } from "../../../lib/model/resolution.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { compile } from "../../../lib/render/engine/engine.ts";
import { kinds } from "../../../lib/render/escape/kinds.ts";
import { helpers } from "../../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { withLookups } from "../../../lib/render/lookups.ts";
import { renderOmitting } from "../../../lib/render/omit.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { PoolResolver } from "../../../lib/view/resolve-pools.ts";
import { Sources } from "../../../lib/view/sources.ts";

type Pairs = Readonly<Record<string, string>>;

/** Compiles a template; the result renders it for the entries, and returns the text and what it left out. */
function prepare(text: string, format: keyof typeof kinds, services = new Sources("/services")) {
  const sources = { main: { name: "t.hbs", text }, partials: new Map() };
  const template = compile(sources, { name: format, escape: kinds[format] }, helpers);
  const keys = new TemplateKeys(new Prefixes([""]));
  let seen = emptyPools(services);
  const resolver = {
    lookup: async (host: string) => {
      if (host.startsWith("bad")) throw new Error(`ENOTFOUND ${host}`);
      return [{ address: `10.0.0.${host.length}` }];
    },
    resolveSrv: async () => [],
  };
  return async (pairs: Pairs) => {
    const entries = Object.entries(pairs).map(([key, value]): [string, Entry] => [
      key,
      { key, value, revision: "7" },
    ]);
    const reset = { kind: "reset", revision: "7", entries: new Map(entries) } as const;
    const snapshot = seen.snapshot.after(reset);
    seen = pools(seen, snapshot);
    keys.see(snapshot);
    const context = { keys, services: [...seen.byName.values()], env: () => "", now: new Date(0) };
    const rendered = await withLookups(
      "t.hbs",
      resolver,
      (lookups) =>
        renderOmitting(
          template,
          { ...context, lookups },
          { snapshot, prefixes: new Prefixes([""]) },
        ),
      never,
    );
    const omitted = rendered.quarantined.map(({ key, why }) => `${key}: ${why}`);
    return { text: rendered.text, omitted };
  };
}

test("an instance with a host name that cannot stand in the file is left out by its key", () => {
  const text =
    "{{#each services}}{{#each (resolved instances)}}{{address}} {{labels.x}};{{/each}}{{/each}}";
  const sources = { main: { name: "t.hbs", text }, partials: new Map() };
  const template = compile(sources, { name: "shell", escape: kinds.shell }, helpers);
  const values = { a: "good", b: "is bad", c: "good" };
  const reset = new Map(
    Object.entries(values).map(([id, x]) => {
      const key = `/services/web/${id}`;
      const value = JSON.stringify({ host: `${id}.test`, port: 80, labels: { x } });
      return [key, { key, value, revision: "7" }] as const;
    }),
  );
  const snapshot = Snapshot.empty.after({ kind: "reset", revision: "7", entries: reset });
  const names = ["a", "b", "c"].map(
    (id, i) => [`${id}.test`, { addresses: [`10.0.0.${i}`] }] as const,
  );
  const resolution = emptyResolution.with(names);
  const { byName } = new PoolResolver().of(
    pools(emptyPools("/services"), snapshot),
    resolution,
  ).pools;
  const prefixes = new Prefixes([""]);
  const keys = new TemplateKeys(prefixes);
  keys.see(snapshot);
  const lookups = { ip: () => [], srv: () => [] };
  const context = {
    keys,
    services: [...byName.values()],
    env: () => "",
    now: new Date(0),
    lookups,
  };
  const rendered = renderOmitting(template, context, { snapshot, prefixes });
  assert.equal(rendered.text, "10.0.0.0:80 good;10.0.0.2:80 good;");
  assert.deepEqual(
    rendered.quarantined.map(({ key }) => key),
    ["/services/web/b"],
  );
});

const instance = (name: string, labels: object = {}) =>
  JSON.stringify({ host: "10.0.0.1", port: Number(name.replaceAll(/\D/g, "")), name, labels });

interface Case {
  readonly template: string;
  readonly format: keyof typeof kinds;
  readonly pairs: Pairs;
  readonly text: string;
  /** The key that is left out, and the reason. */
  readonly omitted: RegExp;
}

const cases: Readonly<Record<string, Case>> = {
  "a name with a space in a shell file": {
    template: "{{#each services}}{{#each instances}}{{name}},{{/each}}{{/each}}",
    format: "shell",
    pairs: {
      "/services/db/1": instance("db-1"),
      "/services/web/1": instance("web-1"),
      "/services/web/2": instance("web 2"),
    },
    text: "db-1,web-1,",
    omitted: /^\/services\/web\/2: t\.hbs:1:38: \{\{name\}\} is "web 2" \(key \/services\/web\/2\)/,
  },
  "a semicolon in a value of getvs": {
    template: '{{#each (reverse (getvs "/up/*"))}}server {{this}};{{/each}}',
    format: "nginx",
    pairs: { "/up/a": "10.0.0.1:80", "/up/b": "10.0.0.2:80;", "/up/c": "10.0.0.3:80" },
    text: "server 10.0.0.3:80;server 10.0.0.1:80;",
    omitted: /^\/up\/b: t\.hbs:1:43: \{\{this\}\} is "10\.0\.0\.2:80;"/,
  },
  "a semicolon in a value of a list that is joined": {
    template: '{{#each services}}{{name}} {{toLower (join (getvs "/up/*") " ")}}{{/each}}',
    format: "nginx",
    pairs: { "/up/a": "A", "/up/b": "B;", "/up/c": "C", "/services/web/1": instance("web-1") },
    text: "web a c",
    omitted: /^\/up\/b: t\.hbs:1:28: \{\{toLower\}\} is "a b; c" \(key \/up\/b\)/,
  },
  "a json that fails, though others are fewer": {
    template: '{{#each (gets "/sites/*")}}{{#with (json value)}}{{host}} {{/with}}{{/each}}',
    format: "plain",
    pairs: { "/sites/a": "{", "/other/b": "1", "/other/c": "1" },
    text: "",
    omitted: /^\/sites\/a: t\.hbs:1:36: json: "\{" is not valid JSON \(key \/sites\/a\)/,
  },
  "a json without a member that the others have": {
    template: '{{#each (gets "/sites/*")}}{{#with (json value)}}{{host}} {{/with}}{{/each}}',
    format: "plain",
    pairs: { "/sites/a": '{"host":"x"}', "/sites/b": '{"hots":"y"}', "/sites/c": '{"host":"z"}' },
    text: "x z ",
    omitted: /^\/sites\/b: t\.hbs:1:50: \{\{host\}\} has no value \(key \/sites\/b\)/,
  },
  "a name that cannot be resolved": {
    template: '{{#each (ls "/hosts")}}{{#each (lookupIP this)}}{{this}} {{/each}}{{/each}}',
    format: "plain",
    pairs: { "/hosts/a": "", "/hosts/bad": "", "/hosts/ccc": "" },
    text: "10.0.0.1 10.0.0.3 ",
    omitted: /^\/hosts\/bad: t\.hbs:1:32: bad cannot be resolved \(key \/hosts\/bad\)/,
  },
  "an entry that only one of two lists cannot hold": {
    template:
      '{{#each (gets "/a/*")}}use {{key}} {{/each}}{{#each (gets "/a/*")}}{{key}}={{atoi value}} {{/each}}{{#each (ls "/a")}}{{this}}{{/each}}{{#each (getvs "/a/*")}}{{this}}{{/each}}',
    format: "plain",
    pairs: { "/a/x": "1", "/a/y": "no", "/a/z": "3" },
    text: "use /a/x use /a/z /a/x=1 /a/z=3 xz13",
    omitted: /^\/a\/y: t\.hbs:1:76: atoi cannot read "no" as an integer \(key \/a\/y\)/,
  },
  "a label of the first instance": {
    template:
      "{{#each services}}{{#with (lookup instances 0)}}{{labels.listen}},{{/with}}{{/each}}",
    format: "shell",
    pairs: {
      "/services/db/1": instance("db-1", { listen: "5432" }),
      "/services/web/1": instance("web-1", { listen: "80 x" }),
      "/services/web/2": instance("web-2", { listen: "81" }),
    },
    text: "5432,81,",
    omitted: /^\/services\/web\/1: t\.hbs:1:49: \{\{labels\.listen\}\} is "80 x"/,
  },
  "an instance that is the only one of its service": {
    template: '{{#each services}}{{name}} {{/each}}{{#each (instances "web")}}{{name}}{{/each}}',
    format: "shell",
    pairs: { "/services/db/1": instance("db-1"), "/services/web/1": instance("web 1") },
    text: "db ",
    omitted: /^\/services\/web\/1: /,
  },
};

for (const [title, { template, format, pairs, text, omitted }] of Object.entries(cases)) {
  test(`left out of lists: ${title}`, async () => {
    const render = prepare(template, format);
    for (let i = 0; i < 3; i += 1) {
      const found = await render(pairs);
      assert.equal(found.text, text);
      assert.match(found.omitted.join("\n"), omitted);
    }
  });
}

const frozen: Readonly<Record<string, readonly [template: string, pairs: Pairs, code: string]>> = {
  "a value that is read by its key": [
    '{{#each (getvs "/a/*")}}{{this}}{{/each}}{{getv "/bad"}}',
    { "/a/x": "1", "/a/y": "2", "/a/z": "3", "/bad": "a b" },
    "RENDER_UNSAFE",
  ],
  "an entry of a list that is read by its key as well": [
    '{{#each (gets "/a/*")}}{{value}}{{/each}}{{getv "/a/y" "none"}}',
    { "/a/x": "1", "/a/y": "a b", "/a/z": "3" },
    "RENDER_UNSAFE",
  ],
  "an entry that is read by get": [
    '{{#with (get "/a/y")}}{{value}}{{/with}}',
    { "/a/x": "1", "/a/y": "a b", "/a/z": "3" },
    "RENDER_UNSAFE",
  ],
  "a misspelt name, although other lists have more entries": [
    '{{#each (gets "/a/*")}}{{vlaue}}{{/each}}{{#each (gets "/b/*")}}{{value}}{{/each}}',
    { "/a/x": "1", "/b/1": "1", "/b/2": "2", "/b/3": "3" },
    "RENDER_VALUE_MISSING",
  ],
  "more than half of all entries": [
    '{{#each (getvs "/a/*")}}{{this}}{{/each}}',
    { "/a/x": "a b", "/a/y": "b c", "/a/z": "3" },
    "RENDER_UNSAFE",
  ],
  "an item of a list within a value that is read by its key": [
    '{{#each (jsonArray (getv "/list"))}}{{this}}{{/each}}',
    { "/list": '["a","b c"]', "/b": "", "/c": "" },
    "RENDER_UNSAFE",
  ],
};

for (const [title, [template, pairs, code]] of Object.entries(frozen)) {
  test(`still a fault: ${title}`, async () => {
    const render = prepare(template, "shell");
    for (let i = 0; i < 2; i += 1) await assert.rejects(render(pairs), { code });
  });
}

test("an entry is back as soon as it can be rendered, and its neighbours stay", async () => {
  const render = prepare('{{#each (gets "/a/*")}}{{value}} {{/each}}', "nginx");
  const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`/a/${i}`, `v${i}`]));
  const all = (pairs: Pairs) => new Set(Object.values(pairs).map((value) => value));
  assert.equal((await render(many)).omitted.length, 0);
  const found = await render({ ...many, "/a/300": ";" });
  assert.equal(found.omitted.length, 1);
  const { v300: _, ...rest } = Object.fromEntries(Object.values(many).map((v) => [v, v]));
  assert.deepEqual(new Set(found.text.trim().split(" ")), all(rest));
  const repaired = await render({ ...many, "/a/300": "fine" });
  assert.deepEqual(repaired.omitted, []);
  assert.ok(repaired.text.includes(" fine "));
});

test("a value that looks like an entry takes no other entry out", async () => {
  const evil = JSON.stringify([{ key: "/services/web/1", value: "a b" }]);
  const template =
    '{{#each services}}{{name}}{{/each}}{{#each (gets "/a/*")}}{{#each (jsonArray value)}}{{#if value}}{{value}}{{/if}}{{/each}}{{/each}}';
  const render = prepare(template, "shell");
  const { text, omitted } = await render({
    "/services/web/1": instance("web-1"),
    "/a/x": evil,
    "/a/y": "[]",
  });
  assert.equal(text, "web");
  assert.match(omitted.join(), /^\/a\/x: /);
});

test("whether a fault is the template's does not depend on the text that is reused", async () => {
  const text =
    "{{#each services}}{{#each instances}}{{add (len labels) (atoi labels.n)}}{{host}}{{labels.n.x.y}}{{#if labels.bad}}{{nothing}}{{/if}}{{/each}}{{/each}}";
  const many = Object.fromEntries(
    Array.from({ length: 512 }, (_, i) => [
      `/services/s${String(i).padStart(3, "0")}/1`,
      instance("web-1", { n: String(i) }),
    ]),
  );
  const render = prepare(text, "plain");
  await render(many);
  const changed = { ...many, "/services/s255x/1": instance("web-1", { n: "1", bad: "1" }) };
  const fresh = await prepare(text, "plain")(changed);
  assert.match(fresh.omitted.join(), /^\/services\/s255x\/1: .*nothing/);
  assert.deepEqual(await render(changed), fresh);
});

test("all names of a template are resolved at once, however many", async () => {
  const template = '{{#each (ls "/hosts")}}{{#each (lookupIP this)}}{{this}} {{/each}}{{/each}}';
  const pairs = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`/hosts/h${i}`, ""]));
  const { text, omitted } = await prepare(template, "plain")(pairs);
  assert.equal(text.trim().split(" ").length, 50);
  assert.deepEqual(omitted, []);
});

const mixed = new Sources("/services", {
  web: { mode: "union", folders: [{ path: "/b" }, { path: "/a" }], instances: [] },
});
const labelled = (host: string, x: string) => JSON.stringify({ host, port: 80, labels: { x } });
const pairs = { "/a/1": labelled("10.0.0.1", "1"), "/b/2": labelled("10.0.0.2", "no") };

test("an instance of any folder of a source is left out by its key", async () => {
  const text = "{{#each services}}{{#each instances}}{{atoi labels.x}};{{/each}}{{/each}}";
  const { text: rendered, omitted } = await prepare(text, "plain", mixed)({ ...pairs, "/c": "1" });
  assert.equal(rendered, "1;");
  assert.match(omitted.join(), /^\/b\/2: t\.hbs:1:38: /);
});

test("a source that cannot be rendered is left out with all of its folders", async () => {
  const { text: rendered, omitted } = await prepare(
    "{{#each services}}{{name}}{{atoi name}};{{/each}}",
    "plain",
    mixed,
  )({ ...pairs, "/services/7/x": "10.0.0.7:80", "/services/8/x": "10.0.0.8:80" });
  assert.equal(rendered, "77;88;");
  assert.deepEqual(
    omitted.map((one) => one.slice(0, 3)),
    ["/a:", "/b:"],
  );
});
