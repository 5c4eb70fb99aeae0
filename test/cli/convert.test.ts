import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { program } from "../../cli/program.ts";
import { Fault } from "../../lib/base/fault.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

/** A folder of confd with one resource, and `sidekick convert confd` there. */
async function scene(t: TestContext, template: string, settings = "") {
  const folder = await throwAwayFolder(t);
  await mkdir(join(folder, "conf.d"));
  await mkdir(join(folder, "templates"));
  await writeFile(
    join(folder, "conf.d/a.toml"),
    `[template]\nsrc = "a.tmpl"\ndest = "${folder}/out"\nkeys = ["/db"]\n${settings}`,
  );
  await writeFile(join(folder, "templates/a.tmpl"), template);
  await writeFile(join(folder, "keys.yaml"), 'db: { host: 10.0.0.1, json: "{\\"a\\": {}}" }\n');
  const run = async (...args: readonly string[]) => {
    const { world, out, err } = testWorld(folder);
    const all = ["convert", "confd", "-confdir", folder, "-config-file", `${folder}/none`, ...args];
    try {
      return { code: await program(all, world, never), out: out(), err: err() };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { code: error.code, out: out(), err: error.message };
    }
  };
  return { folder, run, file: ["-backend", "file", "-file", join(folder, "keys.yaml")] };
}

test("the configuration is printed with its templates, and the files are compared", async (t) => {
  const { run, file } = await scene(t, 'host={{getv "/db/host"}}\n');
  const { code, out, err } = await run(...file, "-watch");
  assert.deepEqual(
    [code, err],
    [0, "sidekick: the plan is the same, and its file is equal byte for byte\n"],
  );
  assert.match(out, /^==> sidekick\.yaml <==\n# Made by sidekick .* from /);
  assert.match(out, /\n {4}- source: templates\/a\.hbs\n/);
  assert.match(out, /\n==> templates\/a\.hbs <==\nhost=\{\{getv "\/db\/host"\}\}\n$/);
});

test("a difference is shown, and nothing is written", async (t) => {
  const { run, file, folder } = await scene(
    t,
    '{{$x := json (getv "/db/json")}}{{if $x.a}}yes{{else}}no{{end}}\n',
  );
  const { code, out, err } = await run(...file, "--write", join(folder, "new"));
  assert.equal(code, 1);
  assert.match(out, /^-no$/m);
  assert.match(out, /^\+yes$/m);
  assert.equal(err, "sidekick: 1 of 1 file would be different; nothing was written\n");
  await assert.rejects(readdir(join(folder, "new")));
});

test("files with another text are not overwritten, equal ones may be there", async (t) => {
  const { run, file, folder } = await scene(t, "a\n");
  const to = join(folder, "new");
  assert.equal((await run(...file, "--write", to)).code, 0);
  assert.equal((await run(...file, `--write=${to}`)).code, 0);
  await writeFile(join(to, "templates/a.hbs"), "edited\n");
  await writeFile(join(folder, "templates/a.tmpl"), "b\n");
  const { code, err } = await run(...file, "--write", to);
  assert.deepEqual(
    [code, err],
    [
      "CLI_FILE_EXISTS",
      `${to}/templates/a.hbs exists already and has another text: nothing was written; remove it, or write to another folder`,
    ],
  );
  assert.equal(await readFile(join(to, "templates/a.hbs"), "utf8"), "edited\n");
});

test("a fixture takes the place of the keyspace, and a password is not printed", async (t) => {
  const { run, folder } = await scene(t, '{{getv "/db/host"}}\n');
  const fixture = join(folder, "fixture.yaml");
  await writeFile(fixture, "/db/host: 10.0.0.2\n");
  const access = ["-basic-auth", "-username", "u", "-password", "s3cret"];
  const etcd = ["-backend", "etcdv3", "-node", "http://127.0.0.1:1", ...access];
  const { code, out, err } = await run(...etcd, "--fixture", fixture);
  assert.equal(code, 0, err);
  assert.doesNotMatch(out, /s3cret/);
  assert.match(out, /^ {2}password: \$\{KEYSPACE_PASSWORD\}$/m);
});

test("a reload that two files have in common stays one of each file", async (t) => {
  const { run, file, folder } = await scene(t, "a\n", 'reload_cmd = "true"\nmode = "04755"\n');
  const other = await readFile(join(folder, "conf.d/a.toml"), "utf8");
  await writeFile(join(folder, "conf.d/b.toml"), other.replace("/out", "/other"));
  const { code, out, err } = await run(...file);
  assert.equal(code, 0, err);
  assert.equal(out.match(/^ {6}apart: true$/gm)?.length, 2);
  assert.match(out, /^ {6}mode: "4755"$/m);
});

test("wrong usage is explained", async (t) => {
  const { world, out, err } = testWorld(await throwAwayFolder(t));
  assert.equal(await program(["convert", "puppet"], world, never), 2);
  assert.match(err(), /^sidekick: expected one of confd, nerve, synapse, registrator/);
  assert.equal(await program(["convert", "--help"], world, never), 0);
  assert.match(out(), /^Usage: sidekick convert /);
});

test("a configuration of Synapse or Nerve is recognized where no agent runs", async (t) => {
  for (const [name, text, whose] of [
    ["synapse.conf.json", '{"services": {}, "haproxy": {"global": []}}', "Synapse"],
    ["nerve.conf.json", '{"instance_id": "a", "services": {}}', "Nerve"],
  ] as const) {
    const folder = await throwAwayFolder(t);
    const path = join(folder, name);
    await writeFile(path, text);
    const { world } = testWorld(folder);
    await assert.rejects(program(["status", "-c", path], world, never), (error: Error) => {
      assert.ok(error instanceof Fault && error.code === "CONTROL_NO_AGENT", error.message);
      assert.ok(error.message.includes(`${path}, a configuration of ${whose}`), error.message);
      return true;
    });
  }
});
