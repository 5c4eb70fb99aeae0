import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { read } from "../support/sources.ts";

const stages = [
  ...["discover", "health", "presence", "keyspace", "view", "render", "install", "proxy"],
  ...["resolve", "destination", "journal", "status", "metrics", "control"],
];

/** From the lowest to the highest: a folder may import those before it. */
const layers = [
  "base",
  "model",
  "clients",
  ...stages,
  "overview",
  "page",
  "config",
  "agents",
  "cli",
];

/** The folders that one may import. A stage never imports another stage: agents/ is where they meet. */
function mayImport(from: string): readonly string[] {
  if (from === "base") return [];
  if (from === "model" || from === "clients") return ["base"];
  if (stages.includes(from)) return ["base", "model", "clients"];
  if (from === "overview" || from === "config") return ["base", "model", "clients", ...stages];
  assert.ok(layers.includes(from), `${from}/ is not one of the folders that this test knows`);
  return layers.slice(0, layers.indexOf(from));
}

/** Where each third-party package may be imported. */
const homes: Readonly<Record<string, RegExp>> = {
  "@grpc/grpc-js": /^lib\/keyspace\/etcd\//,
  chokidar: /^lib\/base\/file-watch\.ts$/,
  cockatiel: /^lib\/keyspace\/etcd\//,
  commander: /^cli\//,
  diff: /^(lib\/journal\/text-difference|cli\/convert\/compare)\.ts$/,
  etcd3: /^lib\/keyspace\/etcd\//,
  handlebars: /^lib\/render\/engine\//,
  "node-zookeeper-client": /^lib\/keyspace\/zookeeper\//,
  "protobufjs/minimal.js": /^lib\/health\/protobuf\.ts$/,
  "toml-eslint-parser": /^lib\/config\/located\//,
  undici: /^lib\/clients\//,
  yaml: /^lib\/(config\/(located|convert)|keyspace\/yaml)\//,
  zod: /^lib\/(base\/schema\.ts$|config\/|destination\/|discover\/|health\/|keyspace\/|proxy\/)/,
};

/** What only some configurations need: it is loaded where one does, by import() or require. */
const loadedOnDemand = [
  "lib/destination/consul/agent.ts",
  "lib/destination/elb/classic.ts",
  "lib/destination/elb/target-group.ts",
  "lib/health/protobuf.ts",
  "lib/keyspace/consul/catalog.ts",
  "lib/keyspace/consul/keyspace.ts",
  "lib/keyspace/etcd/keyspace.ts",
  "lib/keyspace/yaml/keyspace.ts",
  "lib/keyspace/zookeeper/keyspace.ts",
  "lib/page/open.ts",
  "toml-eslint-parser",
];

const files = await read("{agents,cli,lib}/**/*.ts");

/** `keyspace` for a file of lib/keyspace, `agents` for one of agents. */
const folderOf = (path: string): string => path.split("/")[path.startsWith("lib/") ? 1 : 0] ?? "";

const imports = (path: string): readonly string[] =>
  [...(files.get(path) ?? "").matchAll(/\b(?:from|import)[\s(]*"([^"]+)"/g)].map(
    ([, to]) => to ?? "",
  );

const neighbours = (path: string): readonly string[] =>
  imports(path)
    .filter((to) => to.startsWith("."))
    .map((to) => normalize(join(dirname(path), to)).replaceAll("\\", "/"));

test("imports point down the layers, and never sideways between stages", () => {
  for (const path of files.keys()) {
    for (const target of neighbours(path)) {
      const [from, to] = [folderOf(path), folderOf(target)];
      const ok = from === to || mayImport(from).includes(to);
      assert.ok(ok, `${path} imports ${target}: ${from}/ may not import ${to}/`);
    }
  }
});

test("agents do not import each other, and neither do commands", () => {
  const apart = [/^agents\/(presence|watch)\//, /^cli\/commands\/([^/]+)\.ts$/];
  for (const path of files.keys()) {
    for (const target of neighbours(path)) {
      for (const pattern of apart) {
        const [from, to] = [pattern.exec(path)?.[1], pattern.exec(target)?.[1]];
        assert.ok(!from || !to || from === to, `${path} imports ${target}`);
      }
    }
  }
});

test("every import leads to a file that is there", () => {
  for (const path of files.keys()) {
    for (const target of neighbours(path)) {
      assert.ok(files.has(target) || !target.endsWith(".ts"), `${path} imports ${target}`);
    }
  }
});

test("no file imports itself by way of others", () => {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(path), `cycle: ${[...trail, path].join(" → ")}`);
    if (done.has(path)) return;
    for (const next of neighbours(path)) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
});

test("third-party packages stay at home", () => {
  for (const path of files.keys()) {
    for (const name of imports(path)) {
      if (name.startsWith(".") || name.startsWith("node:")) continue;
      assert.ok(homes[name]?.test(path), `${path} imports ${name}: see homes in this test`);
    }
  }
});

test("what only some configurations need is loaded on demand", () => {
  for (const [path, text] of files) {
    const statements = text.matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)";/gm);
    for (const [, to = ""] of statements) {
      const target = to.startsWith(".") ? normalize(join(dirname(path), to)) : to;
      assert.ok(!loadedOnDemand.includes(target), `${path} imports ${target}`);
    }
  }
});
