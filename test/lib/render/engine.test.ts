import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../../../lib/model/entry.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import { compile } from "../../../lib/render/engine/engine.ts";
import { kinds } from "../../../lib/render/escape/kinds.ts";
import { helpers } from "../../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../../lib/render/keys.ts";
import { Prefixes } from "../../../lib/render/prefixes.ts";
import { emptyPools, pools } from "../../../lib/view/pools.ts";
import { withCode } from "../../support/faults.ts";

type Format = keyof typeof kinds;
type Pairs = Readonly<Record<string, string>>;

function snapshotOf(pairs: Pairs): Snapshot {
  const entries = Object.entries(pairs).map(([key, value]): [string, Entry] => [
    key,
    { key, value, revision: "1" },
  ]);
  return Snapshot.empty.after({ kind: "reset", revision: "1", entries: new Map(entries) });
}

/** Compiles a template; the result renders it for a snapshot. */
function prepare(text: string, format: Format = "plain", partials: Pairs = {}) {
  const sources = {
    main: { name: "t.hbs", text },
    partials: new Map(
      Object.entries(partials).map(([name, source]) => [
        name,
        { name: `partials/${name}.hbs`, text: source },
      ]),
    ),
  };
  const template = compile(sources, { name: format, escape: kinds[format] }, helpers);
  const keys = new TemplateKeys(new Prefixes([""]));
  let seen = emptyPools("/services");
  return (snapshot: Snapshot, known?: typeof seen): string => {
    seen = known ?? pools(seen, snapshot);
    keys.see(snapshot);
    return template.render({
      keys,
      services: [...seen.byName.values()],
      env: (name) => (name === "HOME" ? "/home/me" : undefined),
      now: new Date(0),
      lookups: { ip: () => [], srv: () => [] },
    });
  };
}

function rendered(text: string, pairs: Pairs = {}, format: Format = "plain"): string {
  return prepare(text, format)(snapshotOf(pairs));
}

const web = {
  "/services/web/10.0.0.1:80": "10.0.0.1:80",
  "/services/web/10.0.0.2:80": '{"host":"10.0.0.2","port":80,"weight":7,"labels":{"zone":"a"}}',
};

test("the example of confd's documentation works with getvs", () => {
  const template = [
    "upstream sweetapp_pool {",
    '{{#each (getvs "/services/sweetapp/*")}}',
    "    server {{this}};",
    "{{/each}}",
    "}",
    "",
  ].join("\n");
  const keys = {
    "/services/sweetapp/10.253.156.164": "10.253.156.164:8811",
    "/services/sweetapp/10.253.156.165": "10.253.156.165:8810",
  };
  const expected = [
    "upstream sweetapp_pool {",
    "    server 10.253.156.164:8811;",
    "    server 10.253.156.165:8810;",
    "}",
    "",
  ].join("\n");
  assert.equal(rendered(template, keys, "nginx"), expected);
});

const accepted: readonly (readonly [string, string])[] = [
  [
    "{{#each services}}{{name}}:{{#each instances}} {{address}}*{{weight}}{{/each}}{{/each}}",
    "web: 10.0.0.1:80*1 10.0.0.2:80*7",
  ],
  ['{{#each (instances "web")}}{{server}} {{/each}}', "h10.0.0.1_80 h10.0.0.2_80 "],
  ['{{#each (instances "unknown")}}x{{else}}none{{/each}}', "none"],
  ['{{#each (instances "web")}}{{@index}}{{#if @last}}.{{else}},{{/if}}{{/each}}', "0,1."],
  [
    "{{#each services as |s|}}{{#each s.instances as |i|}}{{s.name}}/{{i.host}} {{/each}}{{/each}}",
    "web/10.0.0.1 web/10.0.0.2 ",
  ],
  ["{{#each services}}{{#each instances}}{{../name}} {{/each}}{{/each}}", "web web "],
  ["{{#each services}}{{#each instances}}[{{labels.zone}}]{{/each}}{{/each}}", "[][a]"],
  ['{{getv "/services/web/10.0.0.1:80"}} {{getv "/nothing" "preset"}}', "10.0.0.1:80 preset"],
  ['{{#if (exists "/nothing")}}y{{else}}n{{/if}} {{getenv "HOME"}}', "n /home/me"],
  ["a < b & c", "a < b & c"],
  ['{{{getv "/nothing" "<&>"}}}', "<&>"],
  ['{{#with (json (getv "/nothing" "{\\"a\\":{\\"b\\":3}}"))}}{{a.b}}{{/with}}', "3"],
  ["{{#each (seq 1 3)}}{{add this 1}}{{/each}}", "234"],
  ['{{#with (instances "web")}}{{lookup this.[0] "port"}}{{/with}}', "80"],
  [
    "{{#each services as |value i|}}{{value.name}}{{i}}{{this.name}}{{./name}}{{/each}}",
    "web0webweb",
  ],
  ["{{#each services}}{{#with this}}{{../services.length}}{{/with}}{{/each}}", "1"],
  ["{{#each services}}{{@root.services.length}}{{@key}}{{@first}}{{/each}}", "10true"],
];

/** The outer value, the items within it, and a template for both. */
const mixed: readonly (readonly [json: string, template: string, expected: string])[] = [
  [
    '{"name":"shop","deny":["10.0.0.1"]}',
    '{{#with (json (getv "/app"))}}{{#each deny}}{{this}} {{../name}}{{/each}}{{/with}}',
    "10.0.0.1 shop",
  ],
  [
    '{"x":1,"list":{"a":"b","c":{"d":2}}}',
    '{{#with (json (getv "/app"))}}{{#each list}}{{@key}}{{../x}} {{/each}}{{/with}}',
    "a1 c1 ",
  ],
  [
    '["a",["a"]]',
    '{{#each (jsonArray (getv "/app"))}}{{#each (split "a" ",")}}{{this}}{{#unless ../services}}.{{/unless}}{{/each}}{{/each}}',
    "a.a.",
  ],
  [
    '{"x":1,"y":{"x":2},"z":"a"}',
    '{{#with (json (getv "/app"))}}{{> own y x=3}} {{> own}} {{> own this}} {{> own y}} {{> own z x="b"}}{{../services.length}}{{/with}}',
    "3 1 1 2 b0",
  ],
];

const own = "{{x}}{{#if ../x}}a partial sees its context alone{{/if}}";

for (const [json, template, expected] of mixed) {
  test(`${template} finds ../ for ${json}`, () => {
    const render = prepare(template, "plain", { own });
    assert.equal(render(snapshotOf({ "/app": json })), expected);
  });
}

test("a value that becomes a string where it was an object is a fault, and the template works again after it", () => {
  const render = prepare('{{#with (json (getv "/a"))}}{{#each l}}{{h}}{{../x}}{{/each}}{{/with}}');
  const good = snapshotOf({ "/a": '{"x":1,"l":[{"h":"a"}]}' });
  assert.equal(render(good), "a1");
  assert.throws(() => render(snapshotOf({ "/a": '{"x":1,"l":["a","b"]}' })), {
    code: "RENDER_VALUE_MISSING",
    message: /^t\.hbs:1:40: \{\{h\}\} has no value \(key \/a\)/,
  });
  assert.equal(render(good), "a1");
});

test("partials that include each other without an end are a fault with its place", () => {
  const partials = { p: '{{#each (gets "/*")}}\n{{> p}}{{/each}}' };
  const render = prepare("{{> p}}", "plain", partials);
  assert.throws(() => render(snapshotOf({ "/a": "1", "/b": "2" })), {
    code: "RENDER_FAILED",
    message: /^partials\/p\.hbs:[12]:\d+: Maximum call stack size exceeded/,
  });
});

for (const [template, expected] of accepted) {
  test(`${template} gives ${expected}`, () => {
    assert.equal(rendered(template, web), expected);
  });
}

const rejected: readonly (readonly [string, string, RegExp])[] = [
  [
    "a\n  {{#each services}}",
    "RENDER_SYNTAX",
    /^t\.hbs:2:21: found the end of the file where the "\{\{\/…\}\}" of an open block was expected$/,
  ],
  ["a\n{{ x", "RENDER_SYNTAX", /^t\.hbs:2:4: found the end of the file where "\}\}" was expected$/],
  [
    "ok\n{{#each services}}\n  {{name}\n{{/each}}\n",
    "RENDER_SYNTAX",
    /^t\.hbs:3:9: found "\}" where "\}\}" was expected$/,
  ],
  [
    "{{getv a=}}",
    "RENDER_SYNTAX",
    /^t\.hbs:1:10: found "\}\}" where a name or a value was expected$/,
  ],
  ["{{#each services}}{{/if}}", "RENDER_SYNTAX", /^t\.hbs:1:\d+: .*each doesn't match if/],
  [
    'x\n {{getvv "/a"}}',
    "RENDER_UNKNOWN_NAME",
    /^t\.hbs:2:2: there is no helper getvv: did you mean getv\?$/,
  ],
  ["{{#each (getsv 1)}}{{/each}}", "RENDER_UNKNOWN_NAME", /^t\.hbs:1:9: there is no helper getsv/],
  [
    "{{#each services 2}}{{/each}}",
    "RENDER_SYNTAX",
    /^t\.hbs:1:1: each expects 1 argument, not 2$/,
  ],
  ["{{#if}}{{/if}}", "RENDER_SYNTAX", /if expects 1 argument, not 0/],
  ["{{> upstrem this}}", "RENDER_UNKNOWN_NAME", /no partial upstrem/],
  ["{{#services}}x{{/services}}", "RENDER_UNKNOWN_NAME", /no helper services/],
  ["\n {{#getv 1}}x{{/getv}}", "RENDER_SYNTAX", /^t\.hbs:2:2: getv takes no block/],
  ["{{#if (with services)}}{{/if}}", "RENDER_SYNTAX", /^t\.hbs:1:7: with needs a block/],
  ["{{#if services as |x|}}{{x}}{{/if}}", "RENDER_SYNTAX", /if has no value for .* parameter x$/],
];

for (const [template, code, sentence] of rejected) {
  test(`${JSON.stringify(template)} is rejected when it is compiled`, () => {
    assert.throws(() => prepare(template), { code, message: sentence });
  });
}

const failing: readonly (readonly [string, Format, string, RegExp])[] = [
  [
    '{{#each (gets "/evil")}}\n{{adress}}{{/each}}',
    "plain",
    "RENDER_VALUE_MISSING",
    /^t\.hbs:2:1: \{\{adress\}\} has no value/,
  ],
  ["{{#each instnaces}}x{{/each}}", "plain", "RENDER_VALUE_MISSING", /instnaces/],
  [
    '{{lookup x (json (getv "/json"))}}',
    "plain",
    "RENDER_HELPER_FAILED",
    /^t\.hbs:1:1: lookup expects a name or a number, .* is an object \(key \/json\)$/,
  ],
  [
    '{{#each (gets "/json")}}{{#with (json value)}}{{#each a}}\n{{b}}{{/each}}{{/with}}{{/each}}',
    "plain",
    "RENDER_VALUE_MISSING",
    /^t\.hbs:2:1: \{\{b\}\} has no value \(key \/json\)/,
  ],
  [
    '{{getv "/missing"}}',
    "plain",
    "RENDER_HELPER_FAILED",
    /^t\.hbs:1:1: getv: the key \/missing does not exist/,
  ],
  ["{{services}}", "plain", "RENDER_FAILED", /t\.hbs:1:1: \{\{services\}\} is a list/],
  ["{{constructor}}", "plain", "RENDER_VALUE_MISSING", /constructor/],
  ["{{this.__proto__}}", "plain", "RENDER_VALUE_MISSING", /__proto__/],
  [
    'upstream u {\n server {{getv "/evil"}};\n}',
    "nginx",
    "RENDER_UNSAFE",
    /^t\.hbs:2:9: \{\{getv\}\} is "10\.0\.0\.1:80; \} server \{ listen 81" \(key \/evil\), which is not allowed in a file of format nginx/,
  ],
  ['{{#each (getvs "/new*")}}{{this}}{{/each}}', "haproxy", "RENDER_UNSAFE", /key \/newline/],
];

const evil = {
  "/evil": "10.0.0.1:80; } server { listen 81",
  "/newline": "a\nlisten pwn",
  "/json": '{"a":[1]}',
};

for (const [template, format, code, sentence] of failing) {
  test(`${JSON.stringify(template)} fails while rendering`, () => {
    assert.throws(() => rendered(template, evil, format), { code, message: sentence });
  });
}

test("a partial is included by name and sees its context", () => {
  const render = prepare("{{#each services}}{{> upstream this}}{{/each}}", "nginx", {
    upstream: "upstream {{name}} {{#each instances}}{{address}} {{/each}}",
  });
  assert.equal(render(snapshotOf(web)), "upstream web 10.0.0.1:80 10.0.0.2:80 ");
});

test("reused text is correct: after each of many random changes the result equals that of a new template", () => {
  const templates = [
    "{{#each services}}{{name}}{{#each instances}} {{address}}*{{weight}}\n{{/each}}{{/each}}",
    '{{#each (getvs "/services/*/*")}}{{this}}\n{{/each}}',
    '{{#each (gets "/services/s1/*")}}{{key}}={{value}}\n{{/each}}{{#each (ls "/services")}}{{this}} {{/each}}',
    "{{#each services}}{{> pool this}}{{/each}}",
    "{{#each services}}{{#each instances}}{{../name}}{{@index}} {{address}}\n{{/each}}{{/each}}",
  ];
  const partials = { pool: "{{name}}:{{#each instances}}{{server}} {{/each}}\n" };
  const reusing = templates.map((text) => prepare(text, "plain", partials));
  let random = 7;
  const below = (n: number) => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random % n;
  };
  let snapshot = Snapshot.empty;
  for (let step = 0; step < 120; step += 1) {
    const put = new Map<string, Entry>();
    for (let i = step % 10 === 0 ? 400 : below(4); i >= 0; i -= 1) {
      const address = `10.${below(3)}.${below(20)}.${below(60)}:80`;
      const key = `/services/s${below(3)}/${address}`;
      const value = `{"host":"${address.slice(0, -3)}","port":80,"weight":${below(9)}}`;
      put.set(key, { key, value, revision: String(step) });
    }
    const gone = snapshot.chunks
      .flat()
      .flatMap(({ key }) => (below(40) === 0 && !put.has(key) ? [key] : []));
    snapshot = snapshot.after({ kind: "delta", revision: String(step), put, gone });
    const anew = pools(emptyPools("/services"), snapshot);
    for (const [i, render] of reusing.entries()) {
      const fresh = prepare(templates[i] ?? "", "plain", partials);
      assert.equal(render(snapshot), fresh(snapshot, anew));
    }
  }
});

test("a fault in an argument of and and or counts only where the argument is needed", () => {
  const keys = { "/a": "1" };
  const guarded = '{{#if (and (exists "/no") (eq (getv "/no") "1"))}}on{{else}}off{{/if}}';
  assert.equal(rendered(guarded, keys), "off");
  assert.equal(rendered('{{or (getv "/a") (getv "/no")}}', keys), "1");
  assert.equal(rendered('{{or (and (exists "/no") (atoi (getv "/no"))) "x"}}', keys), "x");
  const needed = withCode(
    "RENDER_HELPER_FAILED",
    /^t\.hbs:1:\d+: getv: the key \/no does not exist$/,
  );
  assert.throws(() => rendered('{{and (exists "/a") (getv "/no")}}', keys), needed);
  assert.throws(() => rendered('{{and (getv "/no") (exists "/a")}}', keys), needed);
  assert.throws(() => rendered('{{or (and true (atoi (getv "/no"))) "x"}}', keys), needed);
});
