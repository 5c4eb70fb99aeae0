import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { throwAwayFolder } from "../support/process.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

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

test("a SIDEKICK_ variable that names no setting is a warning of check and of an agent", async (t) => {
  const folder = await throwAwayFolder(t);
  for (const [name, text] of Object.entries(good)) await writeFile(join(folder, name), text ?? "");
  const options = { cwd: folder, env: { SIDEKICK_LOGG: "debug" } };
  const warning = "SIDEKICK_LOGG: no setting has this name: did you mean SIDEKICK_LOG?";
  const checked = await sidekick(t, ["check", "-c", "sidekick.yaml"], options);
  assert.match(checked.output, /valid/);
  assert.ok(checked.output.includes(`sidekick: ${warning}\n`), checked.output);
  assert.equal(checked.code, 0);
  const once = await sidekick(t, ["watch", "--once", "-c", "sidekick.yaml"], options);
  assert.equal(once.code, 0);
  const { event, level, message } = JSON.parse(once.output.split("\n")[0] ?? "");
  assert.deepEqual([event, level, message], ["setting_unknown", "warn", warning]);
});

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

test("a command on a keyspace without one, or with two, names all forms of the URL", async (t) => {
  const forms = /name a keyspace by its URL or by -c: file:.* etcd:\/\/.* zk:\/\/.*ZooKeeper/;
  for (const command of ["ls", "get"]) {
    const none = await sidekick(t, [command]);
    assert.equal(none.code, 2);
    assert.match(none.output, forms);
    const two = await sidekick(t, [command, "-c", "sidekick.yaml", "file:./keys", "/services"]);
    assert.equal(two.code, 2);
    assert.match(two.output, /a URL or -c names the keyspace, not both/);
  }
  const keyless = await sidekick(t, ["get", "file:./keys"]);
  assert.deepEqual([keyless.code, /missing the key/.test(keyless.output)], [2, true]);
});

test("check --json prints every problem, and whether there is none", async (t) => {
  const folder = await throwAwayFolder(t);
  const check = async () => {
    const args = ["check", "-c", "sidekick.yaml", "--json"];
    const running = startSidekick(t, args, { cwd: folder, env: { SIDEKICK_LOGG: "x" } });
    return { code: await running.ended, result: JSON.parse(running.output()) };
  };
  for (const [name, text] of Object.entries(good)) await writeFile(join(folder, name), text ?? "");
  const warnings = ["SIDEKICK_LOGG: no setting has this name: did you mean SIDEKICK_LOG?"];
  assert.deepEqual(await check(), { code: 0, result: { valid: true, problems: [], warnings } });
  await writeFile(join(folder, "t.conf.hbs"), "{{nosuch}}");
  const { code, result } = await check();
  assert.deepEqual([code, result.valid, result.warnings], [2, false, warnings]);
  assert.match(result.problems.join(), /^t\.conf\.hbs:1:1: there is no value nosuch$/);
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
