import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { exitCode } from "../../cli/main.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

test("a fault is one sentence on standard error: exit code 1 if a retry can help, else 2", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = join(folder, "sidekick.yaml");
  await writeFile(config, "watch: { templates: [{ source: none.hbs, target: none }] }");
  const socket = join(folder, "none.sock");
  const cases: readonly (readonly [readonly string[], number, string])[] = [
    [["status"], 1, `no sidekick answers at ${folder}`],
    [["status", "--socket", socket], 1, `no sidekick answers at ${socket}: `],
    [["get", `file:${folder}`, "/a"], 1, `file:${folder} has no key /a`],
    [["ls", "etcdx://a"], 2, "etcdx://a"],
    [["presence", "-c", config], 2, `${config} has no presence section`],
    [["check", "-c", config], 2, `${join(folder, "none.hbs")}`],
    [["render", "-c", config, "--template", "b"], 2, "there is no template b: the configuration"],
    [["render", "-c", config, "--fixture", socket], 2, `the fixture ${socket} cannot be read: `],
  ];
  for (const [args, code, message] of cases) {
    const { world, out, err } = testWorld(folder);
    assert.equal(await exitCode(args, world, never), code, args.join(" "));
    assert.ok(err().startsWith("sidekick: "), err());
    assert.ok(err().includes(message), err());
    assert.equal(err().trimEnd().split("\n").length, 1, err());
    assert.equal(out(), "");
  }
});

test("check reports how many services, instances and templates are valid", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    `presence:
  services:
    - { name: web, host: 10.0.0.1, port: 80 }
    - { name: web, host: 10.0.0.1, port: 81 }
    - { name: web, host: 10.0.0.1, port: 82 }
    - { name: api, host: 10.0.0.1, port: 90 }
watch: { templates: [{ source: haproxy.cfg.hbs, target: a }, { source: nginx-stream.conf.hbs, target: b }] }`,
  );
  const { world, out } = testWorld(folder);
  assert.equal(await exitCode(["check", "-c", config], world, never), 0);
  assert.equal(out(), `${config}: valid (2 services, 4 instances, 2 templates)\n`);
});

test("check --no-machine leaves out programs and folders, and runs no check command", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = join(folder, "sidekick.yaml");
  await writeFile(join(folder, "keys.yaml"), "/services/web/a: { host: 10.0.0.1, port: 80 }");
  await writeFile(
    config,
    `watch: { templates: [{ source: haproxy.cfg.hbs, target: none/a, check: [no-such-program, "{candidate}"] }] }`,
  );
  const there = testWorld(folder);
  assert.equal(await exitCode(["check", "-c", config], there.world, never), 2);
  assert.match(
    there.err(),
    /^sidekick: 2 problems\n.*none of the target does not exist\n.*"no-such-program"/,
  );
  const elsewhere = testWorld(folder);
  const args = ["check", "-c", config, "--no-machine", "--fixture", join(folder, "keys.yaml")];
  assert.equal(await exitCode(args, elsewhere.world, never), 0, elsewhere.err());
  assert.equal(elsewhere.out(), `${config}: valid (1 template)\n`);
});

test("check renders with the addresses of host names, as a watcher would", async (t) => {
  const folder = await throwAwayFolder(t);
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    join(folder, "keys.yaml"),
    `/services/web/a: { host: a.test, port: 80 }\n/services/web/b: { host: b.test, port: 80 }\n`,
  );
  await writeFile(join(folder, "t.hbs"), "{{#each (instances 'web')}}{{address}} {{/each}}");
  await writeFile(
    config,
    `watch: { templates: [{ source: t.hbs, target: ./t, check: [sh, -c, '! grep b.test "$0"', "{candidate}"] }] }`,
  );
  const { world, err } = testWorld(folder);
  const lookup = async (host: string) => {
    if (host === "a.test") return [{ address: "10.0.0.1" }];
    throw Object.assign(new Error(host), { code: "ENOTFOUND" });
  };
  const resolving = { ...world, resolver: { ...world.resolver, lookup } };
  const args = ["check", "-c", config, "--fixture", join(folder, "keys.yaml")];
  assert.equal(await exitCode(args, resolving, never), 0, err());
  assert.match(err(), /\/services\/web\/b .*quarantined.*its host b\.test cannot be resolved/);
});

test("a bug during the shutdown is printed, and the end that the signal asked for is not", async () => {
  const { world, err } = testWorld("/nonexistent");
  const stopping = AbortSignal.abort(new DOMException("stopped by SIGTERM", "AbortError"));
  const failing = (error: unknown) => ({
    ...world,
    out: {
      ...world.out,
      write: () => {
        throw error;
      },
    },
  });
  assert.equal(await exitCode(["schema"], failing(stopping.reason), stopping), 0);
  assert.equal(err(), "");
  assert.equal(await exitCode(["schema"], failing(new TypeError("it is broken")), stopping), 1);
  assert.match(err(), /^sidekick: this is a bug: TypeError: it is broken\n/);
});
