import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { start, throwAwayFolder } from "../support/process.ts";
import { main, printed, sidekick } from "./sidekick.ts";

const files = {
  "sidekick.yaml": [
    "keyspace: etcd://127.0.0.1:1",
    "watch:",
    "  templates:",
    "    - { source: a.hbs, target: a.txt }",
    "    - { source: b.hbs, target: b.txt, prefixes: [/settings] }",
  ].join("\n"),
  "a.hbs": "{{#each services}}\n{{name}}:{{#each instances}} {{address}}{{/each}}\n\n{{/each}}\n",
  "b.hbs": '{{getv "/settings/color"}}\n',
  "keys.yaml": [
    "/services/web/10.0.0.1:80: 10.0.0.1:80",
    "services:",
    "  web: { two: '10.0.0.2:80', bad: 'x; }' }",
    "settings: { color: blue }",
  ].join("\n"),
  "b.txt": "red\n",
};

test("render prints files and differences with a fixture instead of the keyspace", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const before = await readdir(folder);
  const render = async (...options: string[]) =>
    await sidekick(t, ["render", "-c", "sidekick.yaml", "--fixture", "keys.yaml", ...options], {
      cwd: folder,
    });

  const one = await render("--template", "b.hbs");
  assert.deepEqual(one, { code: 0, output: "blue\n" });
  const all = await render();
  assert.equal(all.code, 0);
  assert.match(all.output, /\/services\/web\/bad .*is quarantined/);
  assert.match(all.output, /a\.txt <==\nweb: 10\.0\.0\.1:80 10\.0\.0\.2:80\n/);
  assert.match(all.output, /b\.txt <==\nblue\n/);
  const diff = await render("--template", "b.txt", "--diff");
  assert.match(diff.output, /b\.txt\trendered\n@@ -1,1 \+1,1 @@\n-red\n\+blue\n$/);
  const unknown = await render("--template", "c.hbs");
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /there is no template c\.hbs: the configuration has a\.hbs, b\.hbs/);
  assert.deepEqual(await readdir(folder), before);
});

test("an invalid fixture is reported in one sentence", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await writeFile(join(folder, "keys.yaml"), "/a: 1\n/b:\n");
  const args = ["render", "-c", "sidekick.yaml", "--fixture", "keys.yaml"];
  const { code, output } = await sidekick(t, args, { cwd: folder });
  assert.deepEqual([code, output], [2, "sidekick: keys.yaml:2:4: /b has no value\n"]);
});

test("check reports a valid configuration, and schema prints a JSON Schema", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const checked = await sidekick(t, ["check", "-c", "sidekick.yaml"], { cwd: folder });
  assert.deepEqual(checked, {
    code: 0,
    output: "sidekick.yaml: valid (2 templates)\n",
  });
  assert.equal(JSON.parse(await printed(t, ["schema"])).properties.presence.type, "object");
});

test("long output is printed completely", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const addresses = Array.from({ length: 20_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}:80`);
  const keys = addresses.map((address) => [`/services/web/${address}`, address]);
  await writeFile(join(folder, "keys.json"), JSON.stringify(Object.fromEntries(keys)));
  await writeFile(join(folder, "limits.yaml"), "watch: { limits: { instances: 20000 } }\n");
  const configs = ["-c", "sidekick.yaml", "-c", "limits.yaml"];
  const args = ["render", ...configs, "--fixture", "keys.json", "--template", "a.hbs"];
  // The pipe of a shell, unlike that of a test, blocks after 64 KiB until it is read.
  const piped = start(t, ["sh", "-c", '"$@" | cat', "sh", ...main, ...args], { cwd: folder });
  assert.equal(await piped.ended, 0);
  assert.equal(piped.stdout(), `web: ${addresses.sort().join(" ")}\n\n`);
});
