import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { argumentsOf } from "../../cli/program/move-in.ts";
import { program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

async function ran(t: TestContext, args: readonly string[], env: Record<string, string> = {}) {
  const { world, out, err } = testWorld(await throwAwayFolder(t));
  const code = await program(args, { ...world, env: { ...world.env, ...env } }, never);
  return { code, out: out(), err: err() };
}

test("a link with the name of a program stands for its command", () => {
  for (const name of ["nerve", "registrator"]) {
    assert.deepEqual(argumentsOf(`/usr/local/bin/${name}`, ["-c", "x"]), [name, "-c", "x"]);
  }
  assert.deepEqual(argumentsOf("/usr/bin/sidekick", ["run"]), ["run"]);
  assert.deepEqual(argumentsOf("/usr/bin/toString", ["run"]), ["run"]);
});

test("sidekick nerve -k checks the configuration that an option or a variable names", async (t) => {
  const file = join(await throwAwayFolder(t), "nerve.conf.json");
  const service = { host: "10.0.0.1", port: 80, zk_hosts: ["zk"], zk_path: "/web" };
  await writeFile(file, JSON.stringify({ services: { web: service }, statsd: {} }));
  const missing = await ran(t, ["nerve", "-k", "-c", file]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /nerve\.conf\.json:1:1: instance_id is missing/);
  for (const [args, env] of [
    [["-k", "-c", file, "-i", "box"], {}],
    [["--check-config", `--config=${file}`, "--instance-id", "box"], {}],
    [["-k", "--config", file, "--instance_id", "box"], {}],
    [[], { NERVE_CONFIG: file, NERVE_INSTANCE_ID: "box", NERVE_CHECK_CONFIG: "1" }],
  ] as const) {
    const { code, out, err } = await ran(t, ["nerve", ...args], env);
    assert.deepEqual([code, out], [0, "valid (1 service)\n"], err);
    assert.match(err, /statsd has no effect/);
  }
});

test("wrong usage of sidekick nerve is explained", async (t) => {
  const none = await ran(t, ["nerve"]);
  assert.deepEqual(
    [none.code, none.err],
    [1, "sidekick: a configuration is missing: expected -c FILE, or NERVE_CONFIG\n"],
  );
  const unknown = await ran(t, ["nerve", "--frobnicate"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /frobnicate/);
  assert.match(unknown.err, /sidekick nerve --help lists the options/);
  const absent = await ran(t, ["nerve", "-k", "-c", "/nowhere/nerve.json"]);
  assert.equal(absent.code, 1);
  assert.match(absent.err, /\/nowhere\/nerve\.json/);
});

test("wrong usage of sidekick registrator is explained, and the exit code is 2", async (t) => {
  const { code, err } = await ran(t, ["registrator", "-ttl", "3", "consul://c:8500"]);
  assert.equal(code, 2);
  assert.match(err, /^sidekick: consul:\/\/c:8500: sidekick writes to no Consul/m);
  assert.match(err, /^sidekick: -ttl and -ttl-refresh belong together$/m);
  assert.match((await ran(t, ["registrator", "-version"])).out, /^registrator \(sidekick \d/);
});
