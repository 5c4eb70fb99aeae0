import assert from "node:assert/strict";
import { test } from "node:test";
import { type Format, formatOf, parse } from "../../../lib/config/located/parse.ts";
import { lines, type Problem } from "../../../lib/config/located/problem.ts";
import {
  keyMarkAt,
  markAt,
  type ObjectNode,
  type Path,
  plain,
} from "../../../lib/config/located/tree.ts";

function read(text: string, format: Format): ObjectNode {
  const problems: Problem[] = [];
  const section = parse(text, `/etc/a.${format}`, format, problems);
  assert.ok(section, lines(problems).join("\n"));
  return section;
}

function refusal(text: string, format: Format): readonly string[] {
  const problems: Problem[] = [];
  assert.equal(parse(text, `a.${format}`, format, problems), undefined);
  return lines(problems);
}

/** The place of a value, or of a key, as `line:column`. */
function at(section: ObjectNode, path: Path, of = markAt): string {
  const { line, column } = of(section, path);
  return `${line}:${column}`;
}

test("the format is known by the end of the name", () => {
  const names = ["a.toml", "a.JSON", "a.yaml", "a.yml", "a.conf", "a"];
  assert.deepEqual(names.map(formatOf), ["toml", "json", "yaml", "yaml", "yaml", "yaml"]);
});

test("YAML: every value and key has its place", () => {
  const section = read("a:\n  b: [1, { c: 2 }]\n  # no\n  d:\n    - e: 3\n", "yaml");
  assert.deepEqual(plain(section), { a: { b: [1, { c: 2 }], d: [{ e: 3 }] } });
  assert.equal(at(section, ["a", "b", 1, "c"]), "2:15");
  assert.equal(at(section, ["a", "b", 1, "c"], keyMarkAt), "2:12");
  assert.equal(at(section, ["a", "d", 0, "e"]), "5:10");
  assert.equal(at(section, ["a", "d", 0, "missing"]), "5:7");
});

test("YAML: an alias is what its anchor is; << fills in what is not set", () => {
  const section = read("a: &x { b: 1, c: 2 }\nd: *x\ne:\n  <<: [*x]\n  c: 3\n  f:\n", "yaml");
  const x = { b: 1, c: 2 };
  assert.deepEqual(plain(section), { a: x, d: x, e: { c: 3, f: null, b: 1 } });
  assert.equal(at(section, ["e", "b"]), "1:12");
});

test("YAML: what is wrong with the text is told with its place, all of it", () => {
  assert.deepEqual(refusal("a: 1\nb: 2\na: 3\nb: 4\n", "yaml"), [
    "a.yaml:3:1: this key is set twice in one section",
    "a.yaml:4:1: this key is set twice in one section",
  ]);
  assert.deepEqual(refusal("a: *x\nb: &y [*y]\n? [c]\n: 1\n", "yaml"), [
    "a.yaml:1:4: no anchor &x stands before this",
    "a.yaml:2:8: *y contains itself",
    "a.yaml:3:3: expected a name before the colon",
  ]);
  assert.deepEqual(refusal("a: 1\n---\nb: 2\n", "yaml"), [
    "a.yaml:2:1: a second document begins here: expected one in each file",
  ]);
  assert.deepEqual(refusal('a: "b\n', "yaml"), ['a.yaml:2:1: missing closing "quote']);
});

test("JSON: the same, tabs included", () => {
  const section = read('{\n\t"a": {\n\t\t"b": [true, null]\n\t}\n}\n', "json");
  assert.deepEqual(plain(section), { a: { b: [true, null] } });
  assert.equal(at(section, ["a", "b", 1]), "3:15");
  assert.deepEqual(refusal('{ "a": 1, "a": 2 }', "json"), [
    "a.json:1:11: this key is set twice in one section",
  ]);
});

test("TOML: every value and key has its place", () => {
  const text = `# a comment with = and [
title = 'it = "x"' # more
[a . "b c"]
d.e = [ 1, # one
  { f = "]}", g = 2 },
]
text = """
[not.a.header]
""\\" = 1"""
when = 2026-11-21T10:00:00Z
[[list]]
x = 1
[[list]]
x = '''
'''
[list.sub]
y = true
[[list.inner]]
z = +1.5
`;
  const section = read(text, "toml");
  assert.equal(at(section, ["title"]), "2:9");
  assert.equal(at(section, ["a", "b c", "d", "e", 1, "g"]), "5:19");
  assert.equal(at(section, ["a", "b c", "d", "e", 1, "g"], keyMarkAt), "5:15");
  assert.equal(at(section, ["a", "b c", "text"]), "7:8");
  assert.equal(at(section, ["a", "b c", "when"]), "10:8");
  assert.equal(at(section, ["list", 0, "x"]), "12:5");
  assert.equal(at(section, ["list", 1, "x"]), "14:5");
  assert.equal(at(section, ["list", 1, "sub", "y"], keyMarkAt), "17:1");
  assert.equal(at(section, ["list", 1, "inner", 0, "z"]), "19:5");
  assert.equal(at(section, ["list", 1, "missing"]), "13:1");
});

test("TOML: what is wrong with the text is told with its place, and nothing of the text", () => {
  assert.deepEqual(refusal('a = 1\nb = "secret\n', "toml"), [
    "a.toml:2:12: unterminated string constant",
  ]);
  assert.deepEqual(refusal("a = 1\na = 2\n", "toml"), [
    "a.toml:2:1: this key is set twice in one section",
  ]);
});

test("a file without anything in it is a problem, and so is one that is a list", () => {
  const empty = "1:1: the file is empty: expected names with values, such as presence: or watch:";
  assert.deepEqual(refusal("# nothing\n", "yaml"), [`a.yaml:${empty}`]);
  assert.deepEqual(refusal("", "json"), [`a.json:${empty}`]);
  assert.deepEqual(refusal("\n", "toml"), [`a.toml:${empty}`]);
  assert.deepEqual(refusal("- a\n", "yaml"), [
    "a.yaml:1:1: expected names with values at the top of the file, such as presence: or watch:",
  ]);
});
