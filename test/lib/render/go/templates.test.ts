import assert from "node:assert/strict";
import { test } from "node:test";
import { compileGo } from "../../../../lib/render/go/compile.ts";
import { prepare, rendered, snapshotOf } from "./fixture.ts";

const keys = {
  "/app/a": "1",
  "/app/b": "two",
  "/app/bad": "x; } server {",
  "/app/json": '{"name":"web","none":null,"list":[1,2],"map":{"10":"x","9":"y"}}',
  "/services/web/10.0.0.1:80": '{"host":"10.0.0.1","port":80,"labels":{"zone":"a"}}',
};

/** What Go has since 1.19, and what 1.19 does otherwise: the recorded answers do not have it. */
const newer: readonly (readonly [string, string])[] = [
  ['{{with ""}}{{else with "x"}}{{.}}{{else}}none{{end}}', "x"],
  ["{{range 3}}{{.}},{{end}}", "0,1,2,"],
  ["{{range 0}}{{else}}none{{end}}", "none"],
  ["{{$i := 9}}{{$x := 9}}{{range $i, $x = seq 5 6}}{{$i}}{{$x}},{{end}}{{$i}}{{$x}}", "05,16,16"],
  ["{{$x := 9}}{{range $x = seq 5 6}}{{end}}{{$x}}", "6"],
];

for (const [template, text] of newer) {
  test(`${template} is rendered as by a later Go`, () => {
    assert.equal(rendered(template, keys), text);
  });
}

const mistakes: readonly (readonly [template: string, message: string])[] = [
  ["a\n  {{foo 1}}", "t.tmpl:2:5: there is no function foo"],
  ["{{gtv 1}}", "t.tmpl:1:3: there is no function gtv: did you mean getv?"],
  ["{{$port := 1}}{{$prt}}", "t.tmpl:1:17: there is no variable $prt: did you mean $port?"],
  ["{{$x = 1}}", "t.tmpl:1:3: there is no variable $x: did you mean $?"],
  ["{{if true}}{{$x := 1}}{{end}}{{$x}}", "t.tmpl:1:32: there is no variable $x: did you mean $?"],
  [
    '{{define "a"}}{{end}}{{template "b"}}',
    't.tmpl:1:22: there is no template "b": did you mean "a"?',
  ],
  [
    '{{define "a"}}x{{end}}{{define "a"}}y{{end}}',
    't.tmpl:1:25: the template "a" is defined twice',
  ],
  ["{{len}}", "t.tmpl:1:3: len takes 1 argument, not 0 arguments"],
  ["{{getv}}", "t.tmpl:1:3: getv takes at least 1 argument, not 0 arguments"],
  ["{{break}}", "t.tmpl:1:1: {{break}} is only allowed within {{range}}"],
  ["{{if 1}}", "t.tmpl:1:9: {{end}} is missing for the block that begins here"],
  ["{{end}}", "t.tmpl:1:3: there is no open block for this {{end}}"],
  ["{{if}}", "t.tmpl:1:5: missing value for if"],
  ["{{ (1 }}", "t.tmpl:1:7: a ( is not closed before }}"],
  ["{{ 1) }}", "t.tmpl:1:5: there is no ( for this )"],
  ["{{1", "t.tmpl:1:1: {{ is not closed: }} is missing"],
  ['{{"a', 't.tmpl:1:3: the string is not closed: " is missing'],
  ["{{/* a", "t.tmpl:1:3: the comment is not closed: */ is missing"],
  ["{{$x:=1}}{{$x=2}}", 't.tmpl:1:14: "=" cannot follow $x'],
  ["{{1i}}", "t.tmpl:1:3: 1i: complex numbers are not supported"],
  ["{{9007199254740993}}", "t.tmpl:1:3: 9007199254740993 overflows int"],
  ['{{"\\q"}}', "t.tmpl:1:3: \\q is not an escape sequence of Go"],
  ["{{.a 1}}", "t.tmpl:1:3: only a function takes arguments"],
  ["{{nil}}", "t.tmpl:1:3: nil is not a command"],
];

for (const [template, message] of mistakes) {
  test(`${JSON.stringify(template)} is refused before it is rendered`, () => {
    const source = { name: "t.tmpl", text: template };
    assert.throws(() => compileGo(source, { name: "plain", escape: () => undefined }), { message });
  });
}

test("a fault has line and column of the action that fails", () => {
  const message = /^t\.tmpl:2:4: .*key does not exist: \/no$/;
  assert.throws(() => rendered('\n {{getv "/no"}}', keys), { message });
});

test("a value that the file must not have is refused, whatever function it has passed", () => {
  const outputs = [
    '{{getv "/app/bad"}}',
    '{{$x := getv "/app/bad"}}{{$x}}',
    '{{range gets "/app/bad"}}{{.Value}}{{end}}',
    '{{get "/app/bad"}}',
    '{{print "a\\n" (getv "/app/bad")}}',
    '{{printf "%s;\\n" (getv "/app/bad")}}',
    '{{$x := printf "%s;" (getv "/app/bad")}}{{$x}}',
    '{{$x := ""}}{{$x = getv "/app/bad"}}{{$x}}',
    '{{$x := ";"}}{{if true}}{{$x = getv "/app/bad"}}{{end}}{{$x}}',
    '{{$y := getv "/app/bad"}}{{$x := print $y ";"}}{{$y = ""}}{{$x}}',
    '{{join (getvs "/app/bad") ";"}}',
    '{{or (getv "/app/bad") ";"}}',
    '{{define "t"}}{{.}}{{end}}{{template "t" getv "/app/bad"}}',
    '{{html (getv "/app/bad")}}',
    '{{printf "%c" 59}}',
    '{{printf (getv "/app/bad")}}',
    '{{base64Decode "Ow=="}}',
    '{{base64Decode "Ow==" | print}}',
    '{{getv "/app/bad" | printf "%s;"}}',
    '{{printf "%s" (printf "%s;" (getv "/app/bad"))}}',
  ];
  for (const output of outputs) {
    assert.throws(() => rendered(output, keys, "nginx"), { code: "RENDER_UNSAFE" }, output);
  }
});

test("text of the template is exempt from the check, also where it is composed with values", () => {
  const outputs: readonly (readonly [string, string])[] = [
    ['{{"a; {}"}}', "a; {}"],
    ['{{println "x" (getv "/app/b")}}', "x two\n"],
    ['{{printf "%s;\\n" (getv "/app/b")}}', "two;\n"],
    ['{{getv "/app/b" | printf "%s;"}}', "two;"],
    ['{{$line := printf "%s;" (getv "/app/b")}}{{$line}}', "two;"],
    ['{{$x := "{"}}{{$x}}{{$x = "}"}}{{$x}}', "{}"],
    ['{{join (getvs "/app/[ab]") ";"}}', "1;two"],
    ['{{or "" ";"}}', ";"],
    ['{{getv "/app/bad" | unchecked}}', "x; } server {"],
  ];
  for (const [output, text] of outputs) assert.equal(rendered(output, keys, "nginx"), text);
});

test("an argument of and and or fails only where it is needed", () => {
  assert.equal(rendered('{{and (exists "/no") (eq (getv "/no") "1")}}', keys), "false");
  assert.equal(rendered('{{or (exists "/app/a") (getv "/no")}}', keys), "true");
  assert.equal(rendered('{{or (and (exists "/no") (json (getv "/no")).x) "y"}}', keys), "y");
  const message = /key does not exist: \/no/;
  assert.throws(() => rendered('{{and (exists "/app/a") (getv "/no")}}', keys), { message });
  assert.throws(() => rendered('{{getv "/no" | and false}}', keys), { message });
});

test("services and instances have the members that they have in Handlebars templates", () => {
  const template =
    '{{range services}}{{.name}}:{{range .instances}} {{.address}} {{.labels.zone}}{{end}}{{end}} {{(index (instances "web") 0).port}}';
  assert.equal(rendered(template, keys), "web: 10.0.0.1:80 a 80");
  const message = /there is no \.adress: the members are /;
  assert.throws(() => rendered('{{range instances "web"}}{{.adress}}{{end}}', keys), { message });
});

test("an unchanged item of a range is not rendered again", () => {
  let calls = 0;
  const pairs = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`/app/${i}`, `value ${i}`]),
  );
  // Every value that is written is checked once.
  const source = {
    name: "t.tmpl",
    text: '{{$d := "x"}}{{range gets "/app/*"}}{{$d}}{{if .Value}}{{$v := .Value}}{{$v}}{{end}}\n{{end}}',
  };
  const escape = () => {
    calls += 1;
    return undefined;
  };
  const render = prepare(source.text, "plain", escape);
  const first = snapshotOf(pairs);
  render(first);
  assert.equal(calls, 2000);
  calls = 0;
  const changed = { key: "/app/7", value: "new", revision: "2" };
  const text = render(
    first.after({ kind: "delta", revision: "2", put: new Map([["/app/7", changed]]), gone: [] }),
  );
  assert.match(text, /^xnew$/m);
  assert.ok(calls <= 256, `${calls} items were rendered again`);
});
