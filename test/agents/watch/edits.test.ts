import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { type TestContext, test } from "node:test";
import { eventually } from "../../support/process.ts";
import { template, watchScene } from "./scene.ts";

/** A watcher in sync whose template can be edited. */
async function inSync(t: TestContext) {
  const scene = await watchScene(t);
  await scene.register("web", "10.0.0.1:80");
  scene.run();
  await scene.clock.advance(0);
  await scene.becomes("web: 10.0.0.1:80*1\n");
  await scene.logged("applied");
  /** A template is read once it has rested for a while. */
  const logged = (event: string, times = 1) =>
    eventually(`${times} × ${event}`, async () => {
      await scene.clock.advance(100);
      return scene.count(event) >= times;
    });
  return { ...scene, logged, edit: (text: string) => writeFile(scene.source, text) };
}

test("an edited template is rendered though no key changes", async (t) => {
  const { edit, logged, becomes, proxy, attempts } = await inSync(t);
  await edit(`# edited\n${template}`);
  await logged("template_reloaded");
  await becomes("# edited\nweb: 10.0.0.1:80*1\n");
  assert.equal((await attempts(2)).length, 2);
  assert.deepEqual(proxy.attempts.at(-1)?.texts, ["# edited\nweb: 10.0.0.1:80*1\n"]);
});

test("a broken template is logged once, and the previous one is kept until it is mended", async (t) => {
  const { edit, logged, becomes, register, clock, count, report, log } = await inSync(t);
  await edit("{{#each services}}");
  await logged("template_invalid");
  // The same mistake, saved again.
  await edit("{{#each services}} ");
  await edit("{{#each services}}");
  await register("web", "10.0.0.2:80");
  await clock.advance(2000);
  await becomes("web: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  assert.equal(report().watch?.templates[0]?.state, "in sync");
  await edit(`# mended\n${template}`);
  await logged("template_reloaded");
  await becomes("# mended\nweb: 10.0.0.1:80*1 10.0.0.2:80*1\n");
  assert.equal(count("template_invalid"), 1);
  const { message = "" } = log.lines.find(({ event }) => event === "template_invalid") ?? {};
  assert.match(message, /; the previous template is kept$/);
});

test("a template that fails to render keeps the previous file, and is retried by its next edit", async (t) => {
  const { edit, logged, becomes, report, text, log } = await inSync(t);
  await edit('{{getv "/services/missing"}}');
  await logged("template_reloaded");
  await logged("fault");
  assert.equal(await text(), "web: 10.0.0.1:80*1\n");
  assert.equal(report().watch?.templates[0]?.state, "failing");
  const { message = "" } = log.lines.find(({ event }) => event === "fault") ?? {};
  assert.match(message, /; the previous file is kept; retrying in/);
  await edit(`# mended\n${template}`);
  await logged("template_reloaded", 2);
  await becomes("# mended\nweb: 10.0.0.1:80*1\n");
  await logged("recovered");
});
