import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

test("render and simulate show the weights of policies, and check warns where slow start has no effect", async (t) => {
  const folder = await throwAwayFolder(t);
  const keys = join(folder, "keys/services/web");
  await mkdir(keys, { recursive: true });
  const entry = (n: number, zone: string) =>
    JSON.stringify({ host: `10.0.0.${n}`, port: 80, labels: { zone } });
  for (const [n, zone] of [
    [1, "a"],
    [2, "a"],
    [3, "b"],
  ] as const) {
    await writeFile(join(keys, String(n)), entry(n, zone));
  }
  await writeFile(
    join(folder, "t.hbs"),
    "{{#each services}}{{#each instances}}{{address}}*{{weight}}\n{{/each}}{{/each}}",
  );
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    `
keyspace: file:./keys
watch:
  policies: { slowStart: {}, zones: { value: a } }
  templates:
    - { source: t.hbs, target: haproxy.out, proxy: { type: haproxy, master: ./none.sock } }
    - { source: t.hbs, target: other.out, proxy: { type: command, run: ["true"] } }
`,
  );
  const run = async (command: string, ...args: readonly string[]) => {
    const { world, out, err } = testWorld(folder);
    assert.equal(await program([command, "-c", config, ...args], world, never), 0, err());
    return { out: out(), err: err() };
  };
  assert.equal(
    (await run("render", "--template", "haproxy.out")).out,
    "10.0.0.1:80*256\n10.0.0.2:80*256\n",
  );
  const { out } = await run("simulate", "--with", `/services/web/4=${entry(4, "a")}`);
  assert.match(out, /\+10\.0\.0\.4:80\*26\n/);
  assert.match(out, /\+10\.0\.0\.4:80\*256\n/);
  const { err } = await run("check");
  assert.match(err, /slowStart has no effect for other\.out: /);
});
