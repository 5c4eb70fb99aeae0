import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { confd } from "../../cli/commands/confd.ts";
import { argumentsOf } from "../../cli/program/move-in.ts";
import { program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

/** A folder of confd with one resource, whose target is `out` there, and the keys of some variables. */
async function scene(t: TestContext, settings = "", template = '{{getv "/db/host"}}\n') {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "conf.d"));
  await mkdir(join(folder, "templates"));
  await writeFile(
    join(folder, "conf.d/a.toml"),
    `[template]\nsrc = "a"\ndest = "${folder}/out"\nkeys = ["/db"]\n${settings}`,
  );
  await writeFile(join(folder, "templates/a"), template);
  const run = async (...args: readonly string[]) => {
    const { world, out, err } = testWorld(folder);
    const env = { ...world.env, DB_HOST: "10.0.0.1" };
    const all = [...args, "-backend", "env", "-confdir", folder, "-config-file", `${folder}/none`];
    const code = await confd(all, { ...world, env }, never);
    return { code, out: out(), err: err() };
  };
  const text = () => readFile(join(folder, "out"), "utf8").catch(() => undefined);
  return { folder, run, text };
}

test("a link that has the name of a program stands for its command", () => {
  assert.deepEqual(argumentsOf("/usr/local/bin/confd", ["-onetime"]), ["confd", "-onetime"]);
  assert.deepEqual(argumentsOf("/usr/local/bin/sidekick", ["run"]), ["run"]);
  assert.deepEqual(argumentsOf("/app/bin/sidekick.js", ["confd"]), ["confd"]);
  assert.deepEqual(argumentsOf("/app/constructor", ["run"]), ["run"]);
});

test("the options of confd never get to the parser of the other commands", async () => {
  const { world, out, err } = testWorld("/nonexistent");
  assert.equal(await program(["confd", "-version"], world, never), 0);
  assert.match(out(), /^confd \(sidekick \S+\)\n$/);
  assert.equal(await program(["confd", "--help"], world, never), 0);
  assert.match(out(), /\n {2}-onetime +render every file once/);
  assert.equal(await program(["confd", "-nodes", "a"], world, never), 2);
  assert.match(err(), /there is no option -nodes/);
});

test("noop prints the difference, runs no command, and changes nothing", async (t) => {
  const { folder, run, text } = await scene(t, `check_cmd = "touch ${"$"}0.ran"\n`);
  await writeFile(join(folder, "out"), "10.0.0.9\n");
  const { code, out, err } = await run("-noop", "-watch");
  assert.equal(code, 0, err);
  assert.match(out, /^-10\.0\.0\.9\n\+10\.0\.0\.1$/m);
  assert.match(err, /out of sync: it would be replaced/);
  assert.equal(await text(), "10.0.0.9\n");
  assert.deepEqual((await readdir(folder)).sort(), ["conf.d", "out", "templates"]);
});

test("one pass writes the file; it fails with 1 if a resource fails, and an option without effect is logged", async (t) => {
  const { run, text } = await scene(t);
  const { code, err } = await run("-onetime", "-keep-stage-file");
  assert.equal(code, 0, err);
  assert.match(err, /the option -keep-stage-file: has no effect/);
  assert.equal(await text(), "10.0.0.1\n");
  const failing = await scene(t, "", '{{getv "/db/none"}}');
  const failed = await failing.run("-onetime");
  assert.equal(failed.code, 1);
  assert.match(failed.err, /a:1:\d+: .*key does not exist: \/db\/none/);
  assert.equal(await failing.text(), undefined);
});

test("a configuration is checked with its templates", async (t) => {
  const { run } = await scene(t);
  assert.deepEqual(await run("-check-config"), { code: 0, out: "valid (1 template)\n", err: "" });
  const broken = await (await scene(t, "", "{{range}}")).run("-check-config");
  assert.equal(broken.code, 1);
  assert.match(broken.err, /a:1:\d+: /);
  const unknown = await (await scene(t, 'destination = "x"\n')).run("-check-config");
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /a\.toml:5:1: destination is not known/);
});

test("a resource sees no keys but its own, and a key outside is absent", async (t) => {
  const text =
    '{{range gets "/*"}}{{.Key}}{{end}}{{exists "/runtime/directory"}} {{getv "/other" "none"}}\n';
  const { run, text: written } = await scene(t, "", text);
  assert.equal((await run("-onetime")).code, 0);
  assert.equal(await written(), "false none\n");
});
