import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { TemplateFile } from "../../../lib/render/template-file.ts";
import { withCode } from "../../../test/support/faults.ts";
import { throwAwayFolder } from "../../support/process.ts";

test("a template that is removed is not replaced by a shipped one of the same name", async (t) => {
  const folder = await throwAwayFolder(t);
  const [shipped, source] = [join(folder, "shipped"), join(folder, "haproxy.cfg.hbs")];
  await mkdir(shipped);
  await writeFile(join(shipped, "haproxy.cfg.hbs"), "shipped");
  await writeFile(source, "own");
  const settings = { name: "haproxy.cfg.hbs", source, prefixes: [], format: "plain" as const };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const file = await TemplateFile.open(
    { ...settings, target: { path: "/t" } },
    { env: {}, resolver, shipped },
  );
  await rm(source);
  await assert.rejects(
    file.reload(),
    withCode("RENDER_TEMPLATE_UNREADABLE", /cannot be read: |read$/),
  );
  await writeFile(source, "own");
  assert.equal(await file.reload(), false, "it stayed as it was");
});
