import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { check } from "../../cli/commands/check.ts";
import { get, ls } from "../../cli/commands/inspect.ts";
import { render } from "../../cli/commands/render.ts";
import { run } from "../../cli/commands/run.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

/** A configuration with a keyspace that is mounted at `/legacy`, both of them folders. */
async function mounted(t: TestContext, legacy = "file:./legacy") {
  const folder = await throwAwayFolder(t);
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write("main/services/web/a", "10.0.0.1:80");
  await write("main/legacy/hidden", "no");
  await write("legacy/airbnb/web/b", "10.0.0.2:80");
  await write("t.hbs", '{{#each (instances "web")}}{{key}} {{/each}}');
  await write("db.hbs", '{{#each (instances "db")}}{{address}} {{/each}}');
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    `
keyspace: file:./main
mounts: { /legacy: "${legacy}" }
watch:
  sources:
    web: [/services/web, /legacy/airbnb/web]
    db: { first: [/legacy/db], instances: [{ host: 10.0.0.9, port: 5432 }] }
  templates:
    - { source: t.hbs, target: out }
    - { source: db.hbs, target: db, prefixes: [/legacy/db] }
`,
  );
  const { world, out, err } = testWorld(folder);
  const text = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
  return { files: [config], world, out, err, text };
}

test("ls and get read mounted keyspaces at their paths", async (t) => {
  const { files, world, out } = await mounted(t);
  const access = {};
  await ls({ files, access }, world, never);
  assert.equal(out(), "/legacy/airbnb/web/b\n/services/web/a\n");
  await ls({ files, access, prefix: "/legacy/airbnb" }, world, never);
  await get({ files, access, key: "/legacy/airbnb/web/b" }, world, never);
  assert.ok(out().endsWith("/services/web/a\n/legacy/airbnb/web/b\n10.0.0.2:80\n"), out());
});

test("render and check read the sources of mounted keyspaces", async (t) => {
  const { files, world, out } = await mounted(t);
  assert.equal(await render({ files, template: "out" }, world, never), 0);
  assert.match(out(), /\/legacy\/airbnb\/web\/b \/services\/web\/a /);
  const options = { files, live: true, machine: false, json: false };
  assert.equal(await check(options, world, never), 0);
});

test("watch --once writes the files that need no keyspace which cannot be read, and names it", async (t) => {
  const { files, world, text } = await mounted(t, "zk://127.0.0.1:1");
  const once = run({ files, section: "watch", onceMs: 1500 }, world, never);
  await assert.rejects(once, (error: Error) => {
    assert.match(error.message, /out: .*127\.0\.0\.1:1/s);
    assert.doesNotMatch(error.message, /db: /);
    return true;
  });
  assert.deepEqual([await text("out"), await text("db")], ["", "10.0.0.9:5432 "]);
});
