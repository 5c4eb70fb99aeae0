import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "../../../../lib/render/inspect.ts";
import { Prefixes } from "../../../../lib/render/prefixes.ts";

function messages(text: string, prefixes: readonly string[] = ["/app", "/services"]) {
  const main = { name: "t.tmpl", text, language: "go" as const };
  const readable = { prefixes: new Prefixes(prefixes), services: "/services" };
  return inspect({ main, partials: new Map() }, readable).map(({ fault }) => fault.message);
}

const mistakes: readonly (readonly [template: string, ...messages: string[]])[] = [
  [
    '{{foo}}\n{{$x}} {{template "y"}}{{len 1 2}}',
    "t.tmpl:1:3: there is no function foo",
    "t.tmpl:2:3: there is no variable $x: did you mean $?",
    't.tmpl:2:8: there is no template "y"',
    "t.tmpl:2:26: len takes 1 argument, not 2 arguments",
  ],
  [
    '{{range gets "/app/*"}}{{.Kye}}{{.Value}}{{end}}',
    "t.tmpl:1:26: there is no value Kye: did you mean Key?",
  ],
  [
    '{{$e := get "/app/a"}}{{$e.value}}{{with get "/app/a"}}{{.Name}}{{end}}',
    "t.tmpl:1:25: there is no value value: did you mean Value?",
    "t.tmpl:1:58: there is no value Name",
  ],
  [
    "{{range services}}{{range .instances}}{{.adress}}{{end}}{{end}}",
    "t.tmpl:1:41: there is no value adress: did you mean address?",
  ],
  [
    '{{getv "/b"}}',
    "t.tmpl:1:3: getv: /b is outside of the prefixes of this template (/app, /services)",
  ],
  ['{{add "1" 2}}', "t.tmpl:1:3: add: wrong type for value; expected int; got string"],
  [
    '{{define "d"}}{{atoi "x"}}{{end}}{{template "d"}}',
    't.tmpl:1:17: atoi cannot read "x" as an integer',
  ],
  ["{{if}}", "t.tmpl:1:5: missing value for if"],
];

for (const [template, ...expected] of mistakes) {
  test(`check finds the mistakes in ${JSON.stringify(template)}`, () => {
    assert.deepEqual(messages(template), expected);
  });
}

const good: readonly string[] = [
  '{{range $i, $e := gets "/app/*"}}{{$e.Key}}{{$i}}{{if eq .Value "x"}}{{break}}{{end}}{{end}}',
  "{{range services}}{{.name}}{{range .instances}}{{.labels.zone}}{{.port}}{{end}}{{end}}",
  '{{if and (exists "/app/a") (eq (getv "/app/a") "1")}}{{end}}{{$x := 1}}{{$x = 2.5}}{{$x}}',
  '{{with json (getv "/app/a")}}{{.x.y}}{{range .list}}{{.z}}{{end}}{{end}}',
  '{{printf "%s\\n" (getv "/app/a")}}{{join (getvs "/app/*") ","}}',
];

for (const template of good) {
  test(`check finds no mistake in ${JSON.stringify(template)}`, () => {
    assert.deepEqual(messages(template), []);
  });
}

test("a Handlebars template with actions of Go gets the advice to rename the file", () => {
  const advice =
    /It looks like a template of Go or confd: the name of such a file must end in \.tmpl$/;
  const go = [
    '{{range gets "/app/*"}}{{.Key}}{{end}}',
    '{{if exists "/app/a"}}x{{end}}',
    '{{$x := getv "/app/a"}}{{$x}}',
    '{{define "x"}}{{end}}',
    "{{.Key}}",
  ];
  const readable = { prefixes: new Prefixes(["/app"]), services: "/services" };
  for (const text of go) {
    const [first] = inspect({ main: { name: "t.hbs", text }, partials: new Map() }, readable);
    assert.match(first?.fault.message ?? "", advice, text);
  }
  const [other] = inspect(
    { main: { name: "t.hbs", text: "{{#if a}}" }, partials: new Map() },
    readable,
  );
  assert.doesNotMatch(other?.fault.message ?? "", advice);
});
