import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { eventually, outputOf, run, throwAwayFolder } from "../support/process.ts";
import { main, sidekick, startSidekick } from "./sidekick.ts";

const escape = "\x1b]0;owned\x07";
const key = `/settings/a${escape}\u202eb`;
const value = `red${escape}\x9b31m`;

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** The output of a command in a terminal. */
async function onTerminal(argv: readonly string[], folder: string): Promise<string> {
  const command = argv.map((part) => `'${part}'`).join(" ");
  return await outputOf(["script", "-qec", command, "/dev/null"], { cwd: folder });
}

const templates = {
  "sidekick.yaml": `keyspace: file:./keyspace
watch: { templates: [{ source: a.hbs, target: a.txt, prefixes: [/settings] }] }`,
  "keys.json": JSON.stringify({ [key]: value }),
};

const hostile = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/;

test("a rendered text is escaped on a terminal, and unchanged in a pipe", async (t) => {
  const hbs = '{{#each (gets "/settings/*")}}{{{key}}} {{{value}}}{{/each}}\n';
  const folder = await folderWith(t, { ...templates, "a.hbs": hbs });
  const render = [...main, "render", "-c", "sidekick.yaml", "--fixture", "keys.json"];
  const shown = await onTerminal(render, folder);
  assert.doesNotMatch(shown, hostile);
  assert.ok(shown.includes("red\\x1b]0;owned\\x07\\x9b31m"), shown);
  const { stdout } = await run(render, { cwd: folder });
  assert.equal(stdout, `${key} ${value}\n`);
});

test("keys in a fault reach neither a terminal nor a pipe as they are", async (t) => {
  const hbs = '{{#each (gets "/settings/*")}}{{json value}}{{/each}}\n';
  const folder = await folderWith(t, { ...templates, "a.hbs": hbs });
  const render = [...main, "render", "-c", "sidekick.yaml", "--fixture", "keys.json"];
  const shown = await onTerminal(render, folder).catch((error: Error) => error.message);
  const { stderr } = await run(render, { cwd: folder });
  for (const text of [shown, stderr]) {
    assert.doesNotMatch(text, hostile);
    assert.ok(text.includes("/settings/a\\x1b]0;owned\\x07\\u202eb"), text);
  }
});

test("every line of an agent's log is JSON, one of a configuration that is invalid, too", async (t) => {
  const folder = await folderWith(t, { "sidekick.yaml": "watch: { templats: [] }\nx: 1\n" });
  const { code, stderr } = await run([...main, "run", "-c", "sidekick.yaml"], { cwd: folder });
  const [line, ...others] = stderr.trimEnd().split("\n");
  const { event, code: fault, message } = JSON.parse(line ?? "");
  assert.deepEqual([code, event, fault, others], [2, "failed", "CONFIG_INVALID", []]);
  assert.match(message, /templats is not known here/);
});

test("warnings of Node.js, texts of libraries and a bug outside of the agents are lines of JSON", async (t) => {
  const folder = await folderWith(t, {
    "sidekick.yaml": `keyspace: file:./keyspace
presence: { services: [{ name: web, host: 127.0.0.1, port: 9 }] }`,
    "bug.mjs": `import { setTimeout } from "node:timers";
setTimeout(() => {
  process.emitWarning("it is old");
  console.error("printed by a library");
  setTimeout(() => Promise.reject(new TypeError("it is broken")), 100);
}, 1000);`,
  });
  const env = { NODE_OPTIONS: `--import=${join(folder, "bug.mjs")}` };
  const { code, stderr } = await run([...main, "run", "-c", "sidekick.yaml"], { cwd: folder, env });
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const messages = lines
    .filter(({ event }) => event === "runtime_message" || event === "failed")
    .map(({ message }) => message);
  assert.deepEqual(messages, [
    "printed by a library",
    "Node.js: Warning: it is old",
    "this is a bug: it is broken",
  ]);
  assert.equal(code, 1);
  assert.match(lines.at(-1).stack, /^TypeError: it is broken\n/);
});

for (const [program, check] of [
  ["nginx", 'nginx, -t, -q, -c, "{candidate}"'],
  ["haproxy", 'haproxy, -c, -f, "{candidate}"'],
] as const) {
  test(`a secret that ${program} quotes is neither logged nor in the status`, async (t) => {
    const folder = await folderWith(t, {
      "a.hbs":
        '{{getv "/app/db/password"}} {{getenv "PRINTED_VALUE"}};\n{{#with (json (getv "/app/db/login"))}}{{secret}};{{/with}}\n',
      "sidekick.yaml": `keyspace: file:./keys
status: { socket: ./socket }
watch: { templates: [{ source: a.hbs, target: a.conf, format: plain, prefixes: [/app], check: [${check}] }] }`,
    });
    await mkdir(join(folder, "keys/app/db"), { recursive: true });
    await writeFile(join(folder, "keys/app/db/password"), "hunter2");
    await writeFile(join(folder, "keys/app/db/login"), '{"secret":"staple; horse"}');
    const env = { PRINTED_VALUE: "battery" };
    const agent = startSidekick(t, ["run", "-c", "sidekick.yaml"], { cwd: folder, env });
    await eventually("the file is rejected", () => agent.stderr().includes("INSTALL_CHECK_FAILED"));
    const { output } = await sidekick(t, ["status", "-c", "sidekick.yaml"], { cwd: folder });
    assert.match(output, /: the check command of .* failed/);
    for (const text of [agent.stderr(), output]) {
      assert.match(text, /\(hidden\)/);
      assert.doesNotMatch(text, /hunter2|battery|staple|horse/);
    }
  });
}
