import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { inspect } from "../../../lib/render/inspect.ts";
import { loadSources } from "../../../lib/render/load.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { root } from "../../support/sources.ts";

function messages(text: string, prefixes = ["/services"], partials: Record<string, string> = {}) {
  const sources = {
    main: { name: "t.hbs", text },
    partials: new Map(
      Object.entries(partials).map(([name, part]) => [
        name,
        { name: `partials/${name}.hbs`, text: part },
      ]),
    ),
  };
  const readable = { prefixes: new Prefixes(prefixes), services: "/services" };
  return inspect(sources, readable).map(({ fault }) => fault.message);
}

const mistakes: readonly (readonly [template: string, ...messages: string[]])[] = [
  ["{{getv}}", "t.hbs:1:1: getv was called with 0 arguments; usage: getv key [default]"],
  [
    '{{#if (eq 1 2)}}\n {{add "a" 1}}{{/if}}',
    't.hbs:2:2: add expects an integer, but the first argument is "a"; use atoi to convert a string',
  ],
  [
    '{{#each services}}{{add (len instances) "1"}}{{/each}}',
    't.hbs:1:19: add expects an integer, but the second argument is "1"; use atoi to convert a string',
  ],
  ['{{atoi (concat "1" "x")}}', 't.hbs:1:1: atoi cannot read "1x" as an integer'],
  ['{{getv "services/web"}}', "t.hbs:1:1: getv: services/web is no key: every key begins with /"],
  [
    '{{#each (gets "*/*")}}{{/each}}',
    "t.hbs:1:9: gets: */* matches no key: every key begins with /",
  ],
  [
    '{{getv "/other/key" "x"}}{{ls "/other"}}',
    "t.hbs:1:1: getv: /other/key is outside of the prefixes of this template (/services)",
    "t.hbs:1:26: ls: /other is outside of the prefixes of this template (/services)",
  ],
  ["{{nmae}}", "t.hbs:1:1: there is no value nmae"],
  [
    "{{#each instnaces}}x{{/each}}",
    "t.hbs:1:9: there is no value instnaces: did you mean instances?",
  ],
  [
    "{{#each services}}{{nmae}}{{#each instances as |one|}}{{one.adress}}{{../name}}{{../../x}}{{/each}}{{/each}}",
    "t.hbs:1:19: there is no value nmae: did you mean name?",
    "t.hbs:1:55: there is no value adress: did you mean address?",
    "t.hbs:1:80: there is no value x",
  ],
  ['{{#each (gets "/services/*")}}{{name}}{{/each}}', "t.hbs:1:31: there is no value name"],
  [
    "{{nosuch 1}}{{#each}}{{/each}}{{> none}}",
    "t.hbs:1:1: there is no helper nosuch",
    "t.hbs:1:13: each expects 1 argument, not 0",
    "t.hbs:1:31: there is no partial none",
  ],
  ["{{#if}", 't.hbs:1:6: found "}" where "}}" was expected'],
];

for (const [template, ...expected] of mistakes) {
  test(`found without data: ${template}`, () => {
    assert.deepEqual(messages(template), expected);
  });
}

const valid: readonly string[] = [
  "{{#each services}}{{#with ..}}{{#each services}}{{name}}{{/each}}{{../name}}{{/with}}{{/each}}",
  '{{getv (concat "/services/" (getenv "X"))}}{{getv (getenv "KEY")}}',
  '{{#with (json (getv "/services/x"))}}{{a.b}}{{#each list}}{{this}}{{../c}}{{/each}}{{/with}}',
  "{{#each services}}{{#each instances}}{{labels.zone}}{{labels.[a b]}}{{../instances.length}}{{/each}}{{/each}}",
  "{{#each services as |s|}}{{#with s.instances.[0] as |base|}}{{base.host}}{{base.port}}{{/with}}{{/each}}",
  '{{#each (reverse (instances "web"))}}{{@index}}{{address}}{{@root.services.length}}{{/each}}',
  '{{seq 1 (len services)}}{{jsonArray (getenv "L")}}{{parseBool (getenv "B")}}{{base64Decode (getenv "C")}}',
  '{{lookupIP "x"}}{{exists "/services/a"}}{{join (ls "/") ","}}{{datetime}}{{generation}}',
  '{{#each (gets "/*/*")}}{{key}}{{value}}{{/each}}{{lookup services 0}}{{lookup (lookup services 0) "name"}}',
];

for (const template of valid) {
  test(`no mistake is found where data decides: ${template}`, () => {
    assert.deepEqual(messages(template), []);
  });
}

test("a template that asks for services outside of its prefixes", () => {
  const template = '{{#each services}}{{name}}{{/each}}{{#each (instances "web")}}{{id}}{{/each}}';
  assert.deepEqual(messages(template, ["/docker"]), [
    "t.hbs:1:9: services is always empty: /services is outside of the prefixes of this template (/docker)",
    "t.hbs:1:44: instances: /services/web is outside of the prefixes of this template (/docker)",
  ]);
  assert.deepEqual(messages(template, ["/docker", "/services/web"]), []);
});

test("a partial is judged in the context of each template that includes it, once", () => {
  const partials = { part: "{{name}}{{adress}}", unused: "{{nmae}}" };
  const template = "{{#each services}}{{> part}}{{> part this}}{{> part x=1}}{{/each}}";
  assert.deepEqual(messages(template, undefined, partials), [
    "partials/part.hbs:1:9: there is no value adress",
  ]);
});

test("the shipped templates have no mistakes", async () => {
  const folder = join(root, "templates");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".hbs"));
  assert.ok(names.length > 2);
  for (const name of names) {
    const { sources } = await loadSources([join(folder, name)], join(folder, "partials"));
    const readable = { prefixes: new Prefixes(["/services"]), services: "/services" };
    assert.deepEqual(inspect(sources, readable), [], name);
  }
});

test("the instances of a source are outside of the prefixes as soon as one of its folders is", () => {
  const problems = (text: string, ...prefixes: readonly string[]) =>
    inspect(
      { main: { name: "t.hbs", text }, partials: new Map() },
      {
        prefixes: new Prefixes(prefixes),
        services: "/services",
        sources: new Map([["web", ["/a", "/b"]]]),
      },
    ).map(({ fault }) => fault.message);
  const web = '{{#each (instances "web")}}{{/each}}{{#each services}}{{/each}}';
  assert.deepEqual(problems(web, "/a", "/b"), []);
  const where = "/b is outside of the prefixes of this template (/a, /services)";
  assert.deepEqual(problems(web, "/a", "/services"), [`t.hbs:1:9: instances: ${where}`]);
  assert.equal(problems(web, "/a").length, 2);
});
