import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { TemplateFile } from "../../../lib/render/template-file.ts";
import { throwAwayFolder } from "../../support/process.ts";

function viewOf(value: string) {
  const entries = new Map([["/app/a", { key: "/app/a", value, revision: "1" }]]);
  return {
    snapshot: Snapshot.empty.after({ kind: "reset", revision: "1", entries }),
    services: [],
  };
}

test("a text that is tried out while another one waits for a name changes nothing in that one", async (t) => {
  const folder = await throwAwayFolder(t);
  const source = join(folder, "t.hbs");
  await writeFile(source, '{{#each (lookupIP "a.test")}}{{this}} {{/each}}{{getv "/app/a"}}');
  const { promise, resolve } = Promise.withResolvers<readonly { readonly address: string }[]>();
  const resolver = { lookup: () => promise, resolveSrv: async () => [] };
  const target = { path: join(folder, "out") };
  const settings = { name: "t.hbs", source, target, prefixes: ["/app"], format: "plain" as const };
  const file = await TemplateFile.open(settings, { env: {}, resolver, shipped: folder });
  const rendering = file.render(viewOf("rendered"), never);
  const trying = file.tryOut(viewOf("tried"), never);
  resolve([{ address: "10.0.0.1" }]);
  assert.equal((await rendering).text, "10.0.0.1 rendered");
  assert.equal(await trying, "10.0.0.1 tried");
  assert.equal(file.canTryOut, false);
});
