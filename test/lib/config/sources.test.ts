import assert from "node:assert/strict";
import { test } from "node:test";
import { planFrom, problemsOf } from "./problems-of.ts";

const templates = "  templates: [{ source: a, target: b }]";
const text = (sources: string) => `watch:\n  sources: ${sources}\n${templates}`;

test("every form of a source becomes folders and a mode", () => {
  const watch = planFrom(
    text(`
    list: [/airbnb/web/services/, legacy/web]
    one: /v2/api
    object: { path: /svc, endpoint: http }
    db: { first: [/primary/db, { path: /standby/db, endpoint: sql }] }
    joined: { union: [/a, /b] }`),
  ).watch;
  const { list, one, object, db, joined } = watch?.sources ?? {};
  const union = (...folders: readonly object[]) => ({ mode: "union", folders, instances: [] });
  assert.deepEqual(list, union({ path: "/airbnb/web/services" }, { path: "/legacy/web" }));
  assert.deepEqual(one, union({ path: "/v2/api" }));
  assert.deepEqual(object, union({ path: "/svc", endpoint: "http" }));
  const fallBack = [{ path: "/primary/db" }, { path: "/standby/db", endpoint: "sql" }];
  assert.deepEqual(db, { mode: "first", folders: fallBack, instances: [] });
  assert.deepEqual(joined, union({ path: "/a" }, { path: "/b" }));
  const folders = ["/services", "/airbnb/web/services", "/legacy/web", "/v2/api", "/svc"];
  const all = [...folders, "/primary/db", "/standby/db", "/a", "/b"];
  assert.deepEqual(watch?.templates[0]?.prefixes, all);
});

test("configured instances are endpoints with the path of their setting in place of a key", () => {
  const instance = "{ host: Db.Example, port: 5432, weight: 0, labels: { zone: a } }";
  const { db } = planFrom(text(`{ db: { instances: [${instance}] } }`)).watch?.sources ?? {};
  const [one] = db?.instances ?? [];
  const { labels, ...rest } = one ?? { labels: {} };
  assert.deepEqual(rest, {
    service: "db",
    id: "Db.Example:5432",
    key: "watch.sources.db/Db.Example:5432",
    host: "db.example",
    port: 5432,
    address: "db.example:5432",
    server: "hdb.example_5432",
    name: "Db.Example:5432",
    weight: 0,
  });
  assert.deepEqual({ ...labels }, { zone: "a" });
});

test("without a folder of services, templates read the folders of the sources alone", () => {
  const plan = (sources: string) =>
    planFrom(`watch:\n  services: false\n  sources: ${sources}\n${templates}`).watch;
  assert.equal(plan("{ web: /a }")?.services, false);
  assert.deepEqual(plan("{ web: /a }")?.templates[0]?.prefixes, ["/a"]);
  assert.deepEqual(
    plan("{ web: { instances: [{ host: a, port: 1 }] } }")?.templates[0]?.prefixes,
    [],
  );
  assert.deepEqual(problemsOf(`watch:\n  services: false\n${templates}`), [
    "sidekick.yaml:2:13: watch.services is false: expected sources, or prefixes or root for each template, since services is false",
  ]);
});

const bad: readonly [sources: string, problem: RegExp][] = [
  [
    "{ web: { union: [/a], first: [/b] } }",
    /watch\.sources\.web: expected only one of union and first$/,
  ],
  ["{ web: {} }", /expected folders in union or first, or instances$/],
  ["{ web: [] }", /expected at least one folder such as \/services\/web$/],
  ["{ web: /a b }", /expected a folder of the keyspace such as \/services$/],
  ["{ w/b: /a }", /expected the name of a service: letters, digits and _ \. : - only$/],
  ["{ web: [/a/b, /a] }", /\/a\/b is within \/a, which is a folder of the same source$/],
  ["{ web: [/a, a/] }", /\/a is within \/a, which is a folder of the same source$/],
  [
    "{ web: { first: [/a], frist: [/b] } }",
    /watch\.sources\.web\.frist is not known here: did you mean first\?$/,
  ],
  [
    "{ web: { instances: [{ host: a b, port: 1 }] } }",
    /instances\[0\]\.host is "a b": expected a host name/,
  ],
  ["{ web: { path: /a, endpont: http } }", /endpont is not known here: did you mean endpoint\?$/],
];

for (const [sources, expected] of bad) {
  test(`explains the source ${sources}`, () => {
    const problems = problemsOf(text(sources));
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", expected);
  });
}

test("folders of sources are below the root of the watcher, and a template sees those within its own root", () => {
  const { watch } = planFrom(`
mounts: { /production/legacy: zk://h }
watch:
  root: /production
  sources: { web: [/legacy/web, { path: /airbnb/web }] }
  templates:
    - { source: a, target: b }
    - { source: a, target: c, root: /legacy }
    - { source: a, target: d, root: /config }
    - { source: a, target: e, root: /legacy, prefixes: [/] }`);
  assert.deepEqual(
    watch?.sources?.web?.folders.map(({ path }) => path),
    ["/production/legacy/web", "/production/airbnb/web"],
  );
  assert.deepEqual(
    watch?.templates.map(({ root, prefixes, sourceFolders }) => [root, prefixes, sourceFolders]),
    [
      [
        "/production",
        ["/production/services", "/production/legacy/web", "/production/airbnb/web"],
        ["/production/legacy/web", "/production/airbnb/web"],
      ],
      ["/production/legacy", ["/production/legacy/web"], ["/production/legacy/web"]],
      ["/production/config", ["/production/config"], undefined],
      ["/production/legacy", ["/production/legacy"], undefined],
    ],
  );
  const [template] = watch?.templates ?? [];
  assert.deepEqual(template?.hidden, ["/sidekick", "/production/legacy/sidekick"]);
});

test("a watcher acknowledges drains if any of its keyspaces can be written", () => {
  const acknowledges = (text: string) =>
    planFrom(`${text}\nwatch: { templates: [{ source: a, target: b }] }`).watch?.acknowledge;
  assert.equal(acknowledges("keyspace: 'env:'"), false);
  assert.equal(acknowledges("keyspace: 'env:'\nmounts: { /a: zk://h }"), true);
  assert.equal(acknowledges("mounts: { /a: 'env:' }"), true);
});
