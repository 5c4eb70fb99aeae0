import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, start, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";

/** Writes the names of the packages that a process has loaded to a file, at its end. */
const recorder = `
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
const loaded = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url) ?? [];
    if (name) loaded.add(name);
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(process.env.LOADED, JSON.stringify([...loaded])));
`;

const presence = `
presence:
  services: [{ name: web, host: 127.0.0.1, port: 9, checks: [{ type: tcp }, { type: http }] }]`;
const watch = `
watch:
  templates: [{ source: list.hbs, target: list.txt, format: plain }]`;

/** The packages of package.json that a command loads, without those that the other ones bring. */
async function loadedBy(t: TestContext, command: string, config: string, until?: RegExp) {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "keys"));
  await writeFile(join(folder, "list.hbs"), "");
  await writeFile(join(folder, "sidekick.yaml"), config);
  const result = join(folder, "loaded.json");
  const recording = `data:text/javascript,${encodeURIComponent(recorder)}`;
  const program = [process.execPath, "--import", recording, join(root, "bin/sidekick.js")];
  const options = command.startsWith("status") ? ["--socket", "none"] : ["-c", "sidekick.yaml"];
  const env = { LOADED: result, RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const running = start(t, [...program, ...command.split(" "), ...options], { cwd: folder, env });
  if (until) {
    await eventually(`${command} runs: ${running.output()}`, () => until.test(running.output()));
    await running.stop();
  }
  await running.ended;
  const { devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const loaded = JSON.parse(await readFile(result, "utf8")) as readonly string[];
  return loaded.filter((name) => Object.hasOwn(devDependencies, name)).sort();
}

const started = /"event":"started"/;
const always = ["commander", "yaml", "zod"];

test("status loads the parser of the command line only", async (t) => {
  assert.deepEqual(await loadedBy(t, "status", ""), ["commander"]);
});

test("check loads the template language only for templates, and no client of a keyspace", async (t) => {
  const options = "check --no-machine";
  assert.deepEqual(await loadedBy(t, options, `keyspace: etcd://127.0.0.1:9${presence}`), always);
  const templates = await loadedBy(t, options, `keyspace: etcd://127.0.0.1:9${watch}`);
  assert.deepEqual(templates, ["commander", "handlebars", "yaml", "zod"]);
});

test("presence loads the client of its keyspace, and nothing of a watcher", async (t) => {
  const zookeeper = await loadedBy(t, "presence", `keyspace: zk://127.0.0.1:9${presence}`, started);
  assert.deepEqual(zookeeper, ["commander", "node-zookeeper-client", "yaml", "zod"]);
  const files = await loadedBy(t, "presence", `keyspace: file:./keys${presence}`, started);
  assert.deepEqual(files, ["chokidar", ...always]);
});

test("watch on files loads no client of a server", async (t) => {
  const packages = ["chokidar", "commander", "handlebars", "yaml", "zod"];
  assert.deepEqual(await loadedBy(t, "watch --once", `keyspace: file:./keys${watch}`), packages);
});
