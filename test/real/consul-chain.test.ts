import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startConsul } from "../stand-in/consul.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { printed, sidekick, startApp, startSidekick } from "./sidekick.ts";

test("an instance is registered in Consul's keys and in its agent, served, drained and gone", async (t) => {
  const folder = await throwAwayFolder(t);
  const [{ address, consul }, app] = [await startConsul(t), await startApp(t, "one")];
  const id = `127.0.0.1:${app.port}`;
  await writeFile(
    join(folder, "web.hbs"),
    '{{#each (instances "web")}}{{address}} {{weight}}\n{{/each}}',
  );
  await writeFile(
    join(folder, "all.yaml"),
    [
      `keyspace: consul://${address}/app`,
      "presence:",
      `  destinations: [{ consul: { url: "http://${address}" } }]`,
      `  services: [{ name: web, host: 127.0.0.1, port: ${app.port} }]`,
      "watch:",
      "  templates: [{ source: web.hbs, target: web.txt }]",
    ].join("\n"),
  );
  const options = { cwd: folder };
  const running = startSidekick(t, ["run", "-c", "all.yaml"], options);
  const becomes = async (expected: string) =>
    await eventually(`the file is ${expected}`, async () => {
      const text = await readFile(join(folder, "web.txt"), "utf8").catch(() => "");
      return text === expected;
    });
  await becomes(`${id} 1\n`);
  await eventually("the agent has the service", () => consul.catalog.services.length === 1);
  assert.match(
    await printed(t, ["ls", "-c", "all.yaml"], options),
    new RegExp(`^/services/web/${id}$`, "m"),
  );
  const value = await printed(t, ["get", "-c", "all.yaml", `/services/web/${id}`], options);
  assert.equal(JSON.parse(value).port, app.port);
  await eventually("status has both", async () =>
    /consul\/\S+ serving/.test(await printed(t, ["status", "-c", "all.yaml"], options)),
  );

  const { code, output } = await sidekick(
    t,
    ["drain", "-c", "all.yaml", "--all", "--wait"],
    options,
  );
  assert.equal(code, 0, output);
  await becomes("");
  await eventually("the agent has it no longer", () => consul.catalog.services.length === 0);
  assert.equal(await running.stop(), 0);
  assert.deepEqual([consul.catalog.services, consul.keys.pairs("")], [[], []]);
});
