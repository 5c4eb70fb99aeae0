import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../../../lib/render/engine/engine.ts";
import { kinds } from "../../../lib/render/escape/kinds.ts";
import { helpers } from "../../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { cpuMsOf } from "../../support/process.ts";

function rendered(text: string, env = ""): string {
  const sources = { main: { name: "t.hbs", text }, partials: new Map() };
  const template = compile(sources, { name: "plain", escape: kinds.plain }, helpers);
  const lookups = { ip: () => [], srv: () => [] };
  const keys = new TemplateKeys(new Prefixes([""]));
  return template.render({ keys, services: [], env: () => env, now: new Date(0), lookups });
}

/** A template, and its text where the variable X is `x\y` with a line feed at its end. */
const cases: readonly (readonly [template: string, text: string])[] = [
  [String.raw`[{{trimSuffix (getenv "X") "\n"}}]`, String.raw`[x\y]`],
  [String.raw`[{{replace (trimSuffix (getenv "X") '\n') "\\" "/"}}]`, "[x/y]"],
  [String.raw`[{{replace (trimSuffix (getenv "X") '\n') '\\' '/'}}]`, "[x/y]"],
  [String.raw`{{{concat "a\tb" "\n" 'c\r'}}}`, "a\tb\nc\r"],
  [String.raw`{{concat "say \"hi\"" " " 'it\'s'}}`, `say "hi" it's`],
  [String.raw`{{concat "\\" "|" "\\\\" '|' "\\n" "|" "\\\"" "|"}}`, String.raw`\|\\|\n|\"|`],
  [String.raw`{{concat '\"' "\'"}}`, String.raw`\"\'`],
  [String.raw`{{concat "\d+\.\w" " C:\dir"}}`, String.raw`\d+\.\w C:\dir`],
  [String.raw`{{#each (split "a\nb" "\n")}}{{this}};{{/each}}`, "a;b;"],
  [String.raw`{{{lookup (map "a\nb" "c") "a\nb"}}} \n "\n"`, String.raw`c \n "\n"`],
  [String.raw`{{concat "\"}}`, "\\"],
  [String.raw`{{#with (map "k" "v\nw") as |m|}}{{{m.k}}}{{/with}}`, "v\nw"],
];

for (const [template, text] of cases) {
  test(`${template} gives ${JSON.stringify(text)}`, () => {
    assert.equal(rendered(template, "x\\y\n"), text);
  });
}

test("a string without an end is found as fast as any other mistake", () => {
  const cpuMs = cpuMsOf(() => {
    assert.throws(() => rendered(`{{concat "${"\\\\".repeat(50_000)}}}`), /RENDER_SYNTAX|expected/);
  });
  assert.ok(cpuMs < 5000, `${cpuMs} ms`);
});
