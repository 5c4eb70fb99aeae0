import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../../../lib/base/signal.ts";
import { TemplateFile } from "../../../../lib/render/template-file.ts";
import { withCode } from "../../../support/faults.ts";
import { throwAwayFolder } from "../../../support/process.ts";
import { snapshotOf } from "./fixture.ts";

test("a file named *.tmpl is a Go template, and an entry that the target must not have is left out", async (t) => {
  const folder = await throwAwayFolder(t);
  const source = join(folder, "nginx.conf.tmpl");
  await writeFile(source, '{{range gets "/app/*"}}server {{.Value}};\n{{end}}');
  const settings = {
    name: "nginx.conf.tmpl",
    source,
    prefixes: ["/app"],
    format: "nginx" as const,
  };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const target = { path: join(folder, "nginx.conf") };
  const deps = { env: {}, resolver, shipped: folder };
  const file = await TemplateFile.open({ ...settings, target }, deps);
  assert.deepEqual(file.watched, [source]);

  const snapshot = snapshotOf({
    ...{ "/app/a": "10.0.0.1:80", "/app/b": "x; }", "/app/c": "10.0.0.3:80" },
    "/app/d": "10.0.0.4:80",
  });
  const { text, quarantined } = await file.render({ snapshot, services: [] }, never);
  assert.equal(text, "server 10.0.0.1:80;\nserver 10.0.0.3:80;\nserver 10.0.0.4:80;\n");
  assert.deepEqual(
    quarantined.map(({ key, why }) => [key, why]),
    [
      [
        "/app/b",
        'nginx.conf.tmpl:1:31: {{.Value}} is "x; }" (key /app/b), which is not allowed in a file of format nginx: it contains ";"',
      ],
    ],
  );

  await writeFile(source, "{{len");
  await assert.rejects(
    file.reload(),
    withCode("RENDER_SYNTAX", /nginx\.conf\.tmpl:1:1: \{\{ is not/),
  );
  await writeFile(source, '{{len (gets "/app/*")}}');
  assert.equal(await file.reload(), true);
  assert.equal((await file.render({ snapshot, services: [] }, never)).text, "4");
});

test("an entry that a list composes with the template's own text is left out alone", async (t) => {
  const folder = await throwAwayFolder(t);
  const source = join(folder, "t.tmpl");
  await writeFile(
    source,
    '{{range gets "/app/*"}}{{printf "server %s;\\n" .Value}}{{end}}{{join (getvs "/app/*") ";"}}',
  );
  const settings = { name: "t.tmpl", source, prefixes: ["/app"], format: "nginx" as const };
  const resolver = { lookup: async () => [], resolveSrv: async () => [] };
  const deps = { env: {}, resolver, shipped: folder };
  const file = await TemplateFile.open({ ...settings, target: { path: "/t" } }, deps);
  const snapshot = snapshotOf({ "/app/a": "1", "/app/b": "x{", "/app/c": "3", "/app/d": "4" });
  const { text, quarantined } = await file.render({ snapshot, services: [] }, never);
  assert.equal(text, "server 1;\nserver 3;\nserver 4;\n1;3;4");
  assert.deepEqual(
    quarantined.map(({ key }) => key),
    ["/app/b"],
  );
});
