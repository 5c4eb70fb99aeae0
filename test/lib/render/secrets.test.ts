import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault, sentence } from "../../../lib/base/fault.ts";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { compile } from "../../../lib/render/engine/engine.ts";
import { kinds } from "../../../lib/render/escape/kinds.ts";
import { helpers } from "../../../lib/render/helpers/all.ts";
import { Unresolvable } from "../../../lib/render/helpers/contract.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";

const secret = 'hunter2 "of;bob';
const values: Readonly<Record<string, string>> = {
  "/app/db/password": secret,
  "/app/db/json": JSON.stringify({ password: secret, list: [secret], pin: "7x7" }),
  "/app/db/encoded-token": Buffer.from(secret).toString("base64"),
  "/app/color": "red; x",
};

/** The sentence of the fault of a template. */
function faultOf(text: string): string {
  const entries = Object.entries(values).map(([key, value]): [string, Entry] => [
    key,
    { key, value, revision: "1" },
  ]);
  const reset = { kind: "reset", revision: "1", entries: new Map(entries) } as const;
  const keys = new TemplateKeys(new Prefixes([""]));
  keys.see(Snapshot.empty.after(reset));
  const sources = { main: { name: "t.hbs", text }, partials: new Map() };
  const template = compile(sources, { name: "nginx", escape: kinds.nginx }, helpers);
  const unresolvable = (host: string) => {
    throw new Unresolvable(host, new Error(`ENOTFOUND ${host}`));
  };
  const context = {
    ...{ keys, services: [], env: (name: string) => (name === "DB" ? secret : undefined) },
    ...{ now: new Date(0), lookups: { ip: unresolvable, srv: unresolvable } },
  };
  try {
    template.render(context);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return sentence(error);
  }
  throw new Error(`${text} does not fail`);
}

for (const template of [
  '{{json (getv "/app/db/password")}}',
  '{{atoi (getv "/app/db/password")}}',
  '{{getv "/app/db/password"}}',
  '{{lookupIP (getv "/app/db/password")}}',
  '{{json (getenv "DB")}}',
  '{{getenv "DB"}}',
  '{{lookupIP (getenv "DB")}}',
  '{{#with (getenv "DB")}}{{this}}{{/with}}',
  '{{#with (getenv "DB")}}{{atoi this}}{{/with}}',
  '{{#with (toUpper (getenv "DB"))}}{{atoi this}}{{/with}}',
  '{{#each (split (getenv "DB") " ")}}{{atoi this}}{{/each}}',
  '{{#with (base64Decode (getv "/app/db/encoded-token"))}}{{json this}}{{/with}}',
  '{{#with (json (getv "/app/db/json"))}}{{atoi password}}{{/with}}',
  '{{#with (json (getv "/app/db/json"))}}{{password}}{{/with}}',
  '{{#each (gets "/app/db/password")}}{{json value}}{{/each}}',
  '{{#each (getvs "/app/db/password")}}{{json this}}{{/each}}',
  '{{#each (getvs "/app/db/password")}}{{this}}{{/each}}',
  'a {{join (getvs "/app/db/passw*") ","}}',
]) {
  test(`the fault of ${template} has no secret`, () => {
    const message = faultOf(template);
    assert.doesNotMatch(message, /hunter|HUNTER|aHVudGVy|bob/);
    assert.match(message, /^t\.hbs:1:/);
  });
}

test("a value that is no secret is quoted", () => {
  assert.match(faultOf('{{getv "/app/color"}}'), /"red; x" \(key \/app\/color\)/);
  assert.match(faultOf('{{json (getv "/app/color")}}'), /"red; x" is not valid JSON/);
});
