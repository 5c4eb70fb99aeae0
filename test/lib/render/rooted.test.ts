import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { Root } from "../../../lib/render/rooted.ts";
import { TemplateFile, type TemplateSettings } from "../../../lib/render/template-file.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { visibleServices } from "../../../lib/view/visible.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { root } from "../../support/sources.ts";

type Values = Readonly<Record<string, string>>;

const entriesOf = (values: Values) =>
  new Map(
    Object.entries(values).map(([key, value]): [string, Entry] => [
      key,
      { key, value, revision: "1" },
    ]),
  );

const snapshotOf = (values: Values, before = Snapshot.empty) =>
  before.after({ kind: "reset", revision: "1", entries: entriesOf(values) });

const deps = {
  env: {},
  resolver: { lookup: async () => [], resolveSrv: async () => [] },
  shipped: join(root, "templates"),
};

/** Renders a template with the services of a folder. */
async function rendering(
  t: TestContext,
  text: string,
  settings: Partial<TemplateSettings>,
  services = "/services",
) {
  const source = join(await throwAwayFolder(t), "t.hbs");
  await writeFile(source, text);
  const all: TemplateSettings = {
    ...{ name: "t", source, prefixes: [""], format: "plain", target: { path: "/t" } },
    ...settings,
  };
  const file = await TemplateFile.open(all, deps);
  let seen = emptyPools(services);
  return async (values: Values) => {
    seen = pools(seen, snapshotOf(values, seen.snapshot));
    return await file.render(
      { snapshot: seen.snapshot, services: visibleServices(seen, all.prefixes) },
      never,
    );
  };
}

const everything = '{{join (ls "/") " "}} {{#each (gets "/*/*")}}{{key}}={{value}} {{/each}}';

test("the prefix / reads all keys except the program's own", async (t) => {
  const render = await rendering(t, everything, {});
  const own = { "/sidekick": "0", "/sidekick/watchers": "0", "/sidekick/watchers/w": "0" };
  const values = { "/app/a": "1", "/sidekick-2/b": "2", "/z/c": "3" };
  const { text } = await render({ ...values, ...own });
  assert.equal(text, "app sidekick-2 z /app/a=1 /sidekick-2/b=2 /z/c=3 ");
  assert.equal((await render(values)).text, text);
  const reading = await rendering(t, '{{getv "/sidekick/watchers"}}', {});
  await assert.rejects(
    reading(own),
    /\/sidekick\/watchers is outside of the prefixes of this template \(\/\)/,
  );
  const { text: asked } = await (
    await rendering(t, everything, { prefixes: ["", "/sidekick/watchers"] })
  )({ ...values, ...own });
  assert.equal(
    asked,
    "app sidekick sidekick-2 z /app/a=1 /sidekick-2/b=2 /sidekick/watchers=0 /z/c=3 ",
  );
});

test("a template sees its root as /, and no other key", async (t) => {
  const settings = { root: "/production", prefixes: ["/production"] };
  const values = {
    "/production/web/a": "1",
    "/production/web/b": "2",
    "/staging/web/a": "3",
    "/production-2/x/y": "4",
  };
  const render = await rendering(t, everything, settings);
  assert.equal((await render(values)).text, "web /web/a=1 /web/b=2 ");
  const names = await rendering(
    t,
    '{{getv "/web/a"}}{{#if (exists "/staging/web/a")}} staging{{/if}}',
    settings,
  );
  assert.equal((await names(values)).text, "1");
  const narrow = await rendering(t, '{{getv "/db"}}', {
    root: "/production",
    prefixes: ["/production/web"],
  });
  await assert.rejects(
    narrow(values),
    /\/db is outside of the prefixes of this template \(\/web\)/,
  );
});

test("an entry that a file cannot hold is named by its key in the keyspace", async (t) => {
  const settings = { root: "/production", prefixes: ["/production/web"] };
  const render = await rendering(t, '{{#each (gets "/web/*")}}{{value}} {{/each}}', settings);
  const { text, quarantined } = await render({
    "/production/web/a": "1",
    "/production/web/b": "two\nlines",
    "/production/web/c": "3",
  });
  assert.equal(text, "1 3 ");
  assert.deepEqual(
    quarantined.map(({ key }) => key),
    ["/production/web/b"],
  );
  assert.match(quarantined[0]?.why ?? "", /t\.hbs:1:\d+: .*\(key \/web\/b\)/);
});

test("the services are seen where they are within the root", async (t) => {
  const text = "{{#each services}}{{name}}:{{#each instances}} {{key}}{{/each}}{{/each}}";
  const settings = { root: "/production", prefixes: ["/production/services"] };
  const values = { "/production/services/web/10.0.0.1:80": "10.0.0.1:80" };
  const render = await rendering(t, text, settings, "/production/services");
  assert.equal((await render(values)).text, "web: /services/web/10.0.0.1:80");
  const other = await rendering(
    t,
    text,
    { root: "/other", prefixes: ["/other"] },
    "/production/services",
  );
  assert.equal((await other(values)).text, "");
});

test("unchanged entries keep their identity below a root, too", () => {
  const own = new Root("/r");
  const many = Object.fromEntries(
    Array.from({ length: 3000 }, (_, i) => [`/r/${10_000 + i}`, "1"]),
  );
  const before = snapshotOf({ ...many, "/a": "1", "/z": "1" });
  const after = before.after({
    kind: "delta",
    revision: "2",
    put: entriesOf({ "/r/11500": "2" }),
    gone: [],
  });
  const [old, now] = [own.snapshot(before), own.snapshot(after)];
  assert.deepEqual([...now.changedSince(old)], ["/11500"]);
  const shared = now.chunks.filter((chunk) => old.chunks.includes(chunk));
  assert.ok(
    shared.length >= now.chunks.length - 3,
    `${shared.length} of ${now.chunks.length} runs`,
  );
  assert.equal(now.get("/11501"), old.get("/11501"));
});

test("below a root / has every key, also those of a folder named as the program's own", () => {
  const prefixes = new Prefixes([""], []);
  assert.equal(prefixes.includes("/sidekick/a"), true);
  assert.equal(new Prefixes([""]).includes("/sidekick/a"), false);
});

test("a key outside may be absent instead of a fault", async (t) => {
  const text =
    '{{#if (exists "/b")}}yes{{else}}no{{/if}} {{join (ls "/b") ","}} {{#each (gets "/b/*")}}{{key}}{{/each}}';
  const render = await rendering(t, text, { prefixes: ["/a"], outside: "absent" });
  assert.equal((await render({ "/a/x": "1", "/b": "2", "/b/x": "3" })).text, "no  ");
});

test("the program's own entries of a mounted keyspace are hidden as those of the first one", async (t) => {
  const hidden = ["/sidekick", "/legacy/sidekick"];
  const text = '{{join (ls "/") " "}}:{{#each (gets "/*/*/*")}} {{key}}{{/each}}';
  const own = { "/sidekick/watchers/w": "0", "/legacy/sidekick/watchers/w": "0" };
  const values = { "/app/x/a": "1", "/legacy/app/a": "2", "/legacy/sidekick-2/b": "3", ...own };
  const seen = async (settings: Partial<TemplateSettings>, source = text) => {
    const render = await rendering(t, source, { hidden, ...settings });
    return (await render(values)).text;
  };
  assert.equal(await seen({}), "app legacy: /app/x/a /legacy/app/a /legacy/sidekick-2/b");
  assert.equal(await seen({}, '{{join (ls "/legacy") " "}}'), "app sidekick-2");
  const below = '{{join (ls "/") " "}}:{{#each (gets "/*/*")}} {{key}}{{/each}}';
  const root = { root: "/legacy", prefixes: ["/legacy"] };
  assert.equal(await seen(root, below), "app sidekick-2: /app/a /sidekick-2/b");
  const named = { ...root, prefixes: ["/legacy", "/legacy/sidekick/watchers"] };
  assert.equal(await seen(named, '{{join (ls "/") " "}}'), "app sidekick sidekick-2");
});

test("an instance of the configuration has no key that a root could complete", () => {
  const root = new Root("/legacy");
  const keys = ["/a", "watch.sources.db/10.0.0.1:80"];
  assert.deepEqual(
    keys.map((key) => root.whole(key)),
    ["/legacy/a", "watch.sources.db/10.0.0.1:80"],
  );
});
