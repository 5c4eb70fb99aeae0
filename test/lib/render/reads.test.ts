import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Batch, Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { TemplateFile } from "../../../lib/render/template-file.ts";
import { changesBetween } from "../../../lib/view/changes.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { visibleChanges, visibleServices } from "../../../lib/view/visible.ts";
import { throwAwayFolder } from "../../support/process.ts";
import { seeded } from "../../support/random.ts";

const names = ["a", "b", "c", "d"];

test("a text that is not rendered again is the one that would be rendered, whatever templates read and what changes", async (t) => {
  const random = seeded(20261127);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const folder = await throwAwayFolder(t);
  const key = () => `/conf/${pick(names)}${random() < 0.3 ? `/${pick(names)}` : ""}`;
  const parts: readonly (() => string)[] = [
    () => `{{getv "${key()}" "none"}}`,
    () => `{{#if (exists "${key()}")}}there{{else}}gone{{/if}}`,
    () =>
      `{{#each (gets "/conf/${pick(["*", "*/*", "[ab]*", pick(names)])}")}}{{key}}={{value}},{{/each}}`,
    () => `{{join (getvs "/conf/${pick(["*", "?/*"])}") ","}}`,
    () => `{{join (ls "/conf${pick(["", "/", `/${pick(names)}`])}") ","}}`,
    () => `{{join (lsdir "/conf") ","}}`,
    () => `{{#each (instances "${pick(names)}")}}{{address}}*{{weight}} {{/each}}`,
    () => "{{#each services}}{{name}}:{{#each instances}}{{address}}*{{weight}} {{/each}}{{/each}}",
    () => "{{len services}} {{#each @root.services}}{{name}}{{/each}}",
    () => `{{getenv "${pick(["SET", "UNSET"])}" "none"}}`,
    () => `{{#if (exists "/conf/a")}}${`{{getv "${key()}" ""}}`}{{/if}}`,
    () => `{{#each (gets "/conf/*")}}{{getv key ""}}{{/each}}`,
  ];
  const deps = {
    env: { SET: "1" },
    resolver: { lookup: async () => [], resolveSrv: async () => [] },
    shipped: folder,
  };
  /** Each with a twin that is always rendered. */
  const files: { readonly file: TemplateFile; readonly twin: TemplateFile }[] = [];
  for (let i = 0; i < 60; i += 1) {
    const text = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(parts)()).join(
      "\n",
    );
    const source = join(folder, `${i}.hbs`);
    await writeFile(source, text);
    const prefixes = pick([[""], ["/conf", "/services"], ["/conf", "/services/a", "/services/b"]]);
    const settings = {
      name: `${i}.hbs`,
      source,
      prefixes,
      format: "unchecked" as const,
      target: { path: source },
    };
    files.push({
      file: await TemplateFile.open(settings, deps),
      twin: await TemplateFile.open(settings, deps),
    });
  }
  let state = emptyPools("/services");
  const render = async (file: TemplateFile) => {
    const services = visibleServices(state, file.settings.prefixes);
    return (await file.render({ snapshot: state.snapshot, services }, t.signal)).text;
  };
  const texts = new Map<TemplateFile, string>();
  for (const { file } of files) texts.set(file, await render(file).catch(String));
  let [skipped, rendered] = [0, 0];
  for (let revision = 1; revision <= 150; revision += 1) {
    const before = state;
    state = pools(before, before.snapshot.after(changeOf(revision)));
    const changes = changesBetween(before, state);
    for (const { file, twin } of files) {
      const isNeeded = file.dependsOn(visibleChanges(changes, state, file.settings.prefixes));
      if (isNeeded) texts.set(file, await render(file).catch(String));
      const whole = await render(twin).catch(String);
      assert.equal(texts.get(file), whole, `${file.settings.source} at ${revision}`);
      if (isNeeded) rendered += 1;
      else skipped += 1;
    }
  }
  assert.ok(skipped > rendered / 2, `${skipped} were not rendered, ${rendered} were`);

  function changeOf(revision: number): Batch {
    const put = new Map<string, Entry>();
    const gone: string[] = [];
    for (let i = 0; i <= Math.floor(random() * 2); i += 1) {
      const isInstance = random() < 0.5;
      const address = `10.0.0.${Math.floor(random() * 4)}`;
      const at = isInstance ? `/services/${pick(names)}/${address}:80` : key();
      const value = isInstance
        ? JSON.stringify({ host: address, port: 80, weight: Math.floor(random() * 3) })
        : `v${Math.floor(random() * 5)}`;
      if (random() < 0.3) gone.push(at);
      else put.set(at, { key: at, value, revision: String(revision) });
    }
    return {
      kind: "delta",
      revision: String(revision),
      put,
      gone: gone.filter((one) => !put.has(one)),
    };
  }
});

test("a template that reads the time, a file or DNS may have another text after any change", async (t) => {
  const folder = await throwAwayFolder(t);
  const deps = {
    env: {},
    resolver: { lookup: async () => [{ address: "10.0.0.1" }], resolveSrv: async () => [] },
    shipped: folder,
  };
  const changes = { keys: new Map([["/other", true]]), services: new Set<string>() };
  const depends = async (name: string, text: string) => {
    const source = join(folder, name);
    await writeFile(source, text);
    const settings = {
      name,
      source,
      prefixes: [""],
      format: "plain" as const,
      target: { path: source },
    };
    const file = await TemplateFile.open(settings, deps);
    assert.equal(file.dependsOn(changes), true, "before it was rendered");
    await file.render({ snapshot: Snapshot.empty, services: [] }, t.signal);
    return file.dependsOn(changes);
  };
  for (const text of ["{{datetime}}", '{{fileExists "/"}}', '{{join (lookupIP "a.test") ""}}']) {
    assert.equal(await depends("t.hbs", text), true, text);
  }
  for (const text of ["{{datetime}}", '{{fileExists "/"}}', "{{hostname}}"]) {
    assert.equal(await depends("t.tmpl", text), true, text);
  }
  assert.equal(await depends("t.hbs", '{{getenv "A"}}{{toUpper "a"}}'), false);
  assert.equal(
    await depends("t.tmpl", '{{getenv "A"}}{{range gets "/a/*"}}{{.Key}}{{end}}'),
    false,
  );
});
