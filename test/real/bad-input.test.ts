import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { throwAwayFolder } from "../support/process.ts";
import { sidekick } from "./sidekick.ts";

const good = {
  "sidekick.yaml":
    "keyspace: file:./keys\nwatch:\n  templates:\n    - { source: t.conf.hbs, target: out.conf }\n",
  "t.conf.hbs": "{{#each services}}\n{{name}}\n{{/each}}\n",
};

type Files = { readonly [Name in keyof typeof good]?: string | undefined };

const config = (text: string): Files => ({ "sidekick.yaml": text });
const template = (text: string): Files => ({ "t.conf.hbs": text });

/** The error, the files that contain it, and the message. */
const bad: readonly (readonly [string, Files, RegExp])[] = [
  [
    "an unknown key",
    config("watch:\n  templates:\n    - { source: t.conf.hbs, target: out.conf, chek: [true] }\n"),
    /^sidekick: sidekick\.yaml:3:47: .*chek.* did you mean check\?\n$/,
  ],
  [
    "a wrong type",
    config("presence:\n  ttl: ten\n  services: [{ name: web, host: a, port: 1 }]\n"),
    /^sidekick: sidekick\.yaml:2:8: presence\.ttl is "ten": expected a duration such as 250ms, 10s or 2m\n$/,
  ],
  [
    "a template with a syntax error",
    template("ok\n{{#each services}}\n  {{name}\n{{/each}}\n"),
    /^sidekick: t\.conf\.hbs:3:9: found .* was expected\n$/,
  ],
  [
    "a helper that does not exist",
    template('a\n  {{getvv "/x"}}\n'),
    /^sidekick: t\.conf\.hbs:2:3: there is no helper getvv: did you mean getv\?\n$/,
  ],
  [
    "an invalid keyspace URL",
    config("keyspace: htp://x\nwatch: { templates: [{ source: t.conf.hbs, target: out.conf }] }\n"),
    /^sidekick: sidekick\.yaml:1:11: .*htp:\/\/x.*etcd:\/\/host:2379.*\n$/,
  ],
  [
    "a template file that is missing",
    config("watch:\n  templates:\n    - { source: nowhere.hbs, target: out.conf }\n"),
    /^sidekick: .*nowhere\.hbs cannot be read.*\n$/,
  ],
  ["a missing configuration", { "sidekick.yaml": undefined }, /sidekick\.yaml cannot be read/],
];

/** What an agent logs, as a command prints it: its only line is JSON. */
function sentenceIn(output: string): string {
  const { event, message } = JSON.parse(output);
  assert.equal(event, "failed");
  return `sidekick: ${message}\n`;
}

for (const [what, files, message] of bad) {
  for (const command of [["watch", "--once"], ["watch"], ["check"]]) {
    test(`${what}: sidekick ${command.join(" ")} reports it in one sentence and exits with 2`, async (t) => {
      const folder = await throwAwayFolder(t);
      const written = Object.entries({ ...good, ...files });
      for (const [name, text] of written) {
        if (text !== undefined) await writeFile(join(folder, name), text);
      }
      const before = await readdir(folder);
      const { code, output } = await sidekick(t, [...command, "-c", "sidekick.yaml"], {
        cwd: folder,
      });
      assert.match(command[0] === "check" ? output : sentenceIn(output), message);
      assert.equal(code, 2);
      assert.deepEqual(await readdir(folder), before, "nothing is written");
    });
  }
}

test("wrong usage exits with 2 and names the help", async (t) => {
  const { code, output } = await sidekick(t, ["wach", "-c", "x"]);
  assert.equal(code, 2);
  assert.match(output, /unknown command 'wach'[\s\S]*watch/);
  const bare = await sidekick(t, ["watch"]);
  assert.equal(bare.code, 2);
  assert.match(bare.output, /--config/);
  const invalid = await sidekick(t, ["ls", "zzz"]);
  assert.equal(invalid.code, 2);
  assert.match(invalid.output, /^sidekick: the keyspace URL zzz is invalid: .*\n$/);
});

test("every command has a help text", async (t) => {
  for (const command of [
    "run",
    "presence",
    "watch",
    "render",
    "check",
    "ls",
    "get",
    "status",
    "drain",
    "undrain",
    "weight",
    "retry",
    "schema",
    "demo",
  ]) {
    const { code, output } = await sidekick(t, [command, "--help"]);
    assert.equal(code, 0);
    assert.match(output, new RegExp(`^Usage: sidekick ${command}`));
  }
});
