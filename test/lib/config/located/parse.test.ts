import assert from "node:assert/strict";
import { test } from "node:test";
import { type Format, formatOf, parse } from "../../../../lib/config/located/parse.ts";
import { type Problem, problemLines } from "../../../../lib/config/located/problem.ts";
import {
  keyPositionAt,
  type ObjectNode,
  type Path,
  plainValue,
  positionAt,
} from "../../../../lib/config/located/tree.ts";

function read(text: string, format: Format): ObjectNode {
  const problems: Problem[] = [];
  const root = parse({ name: `/etc/a.${format}`, format, text }, "keys", problems);
  assert.ok(root, problemLines(problems).join("\n"));
  return root;
}

function problemsOf(text: string, format: Format): readonly string[] {
  const problems: Problem[] = [];
  assert.equal(parse({ name: `a.${format}`, format, text }, "keys", problems), undefined);
  return problemLines(problems);
}

/** The position of a value, or of a key, as `line:column`. */
function at(root: ObjectNode, path: Path, of = positionAt): string {
  const { line, column } = of(root, path);
  return `${line}:${column}`;
}

test("the format follows from the extension", () => {
  const names = ["a.toml", "a.JSON", "a.yaml", "a.yml", "a.conf", "a"];
  assert.deepEqual(names.map(formatOf), ["toml", "json", "yaml", "yaml", "yaml", "yaml"]);
});

test("YAML: every value and key has its position", () => {
  const root = read("a:\n  b: [1, { c: 2 }]\n  # no\n  d:\n    - e: 3\n", "yaml");
  assert.deepEqual(plainValue(root), { a: { b: [1, { c: 2 }], d: [{ e: 3 }] } });
  assert.equal(at(root, ["a", "b", 1, "c"]), "2:15");
  assert.equal(at(root, ["a", "b", 1, "c"], keyPositionAt), "2:12");
  assert.equal(at(root, ["a", "d", 0, "e"]), "5:10");
  assert.equal(at(root, ["a", "d", 0, "missing"]), "5:7");
});

test("YAML: an alias yields the tree of its anchor, and << adds the fields that are not set", () => {
  const root = read("a: &x { b: 1, c: 2 }\nd: *x\ne:\n  <<: [*x]\n  c: 3\n  f:\n", "yaml");
  const x = { b: 1, c: 2 };
  assert.deepEqual(plainValue(root), { a: x, d: x, e: { c: 3, f: null, b: 1 } });
  assert.equal(at(root, ["e", "b"]), "1:12");
});

test("YAML: all syntax errors are reported with their positions", () => {
  assert.deepEqual(problemsOf("a: 1\nb: 2\na: 3\nb: 4\n", "yaml"), [
    "a.yaml:3:1: this key is set twice in one object",
    "a.yaml:4:1: this key is set twice in one object",
  ]);
  assert.deepEqual(problemsOf("a: *x\nb: &y [*y]\n? [c]\n: 1\n", "yaml"), [
    "a.yaml:1:4: no anchor &x stands before this",
    "a.yaml:2:8: *y contains itself",
    "a.yaml:3:3: expected a name before the colon",
  ]);
  assert.deepEqual(problemsOf("a: 1\n---\nb: 2\n", "yaml"), [
    "a.yaml:2:1: a second document begins here: expected one in each file",
  ]);
  assert.deepEqual(problemsOf('a: "b\n', "yaml"), ['a.yaml:2:1: missing closing "quote']);
});

test("JSON: every value has its position, after tabs too", () => {
  const root = read('{\n\t"a": {\n\t\t"b": [true, null]\n\t}\n}\n', "json");
  assert.deepEqual(plainValue(root), { a: { b: [true, null] } });
  assert.equal(at(root, ["a", "b", 1]), "3:15");
  assert.deepEqual(problemsOf('{ "a": 1, "a": 2 }', "json"), [
    "a.json:1:11: this key is set twice in one object",
  ]);
});

test("TOML: every value and key has its position", () => {
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
  const root = read(text, "toml");
  assert.equal(at(root, ["title"]), "2:9");
  assert.equal(at(root, ["a", "b c", "d", "e", 1, "g"]), "5:19");
  assert.equal(at(root, ["a", "b c", "d", "e", 1, "g"], keyPositionAt), "5:15");
  assert.equal(at(root, ["a", "b c", "text"]), "7:8");
  assert.equal(at(root, ["a", "b c", "when"]), "10:8");
  assert.equal(at(root, ["list", 0, "x"]), "12:5");
  assert.equal(at(root, ["list", 1, "x"]), "14:5");
  assert.equal(at(root, ["list", 1, "sub", "y"], keyPositionAt), "17:1");
  assert.equal(at(root, ["list", 1, "inner", 0, "z"]), "19:5");
  assert.equal(at(root, ["list", 1, "missing"]), "13:1");
});

test("TOML: a syntax error is reported with its position and without the text", () => {
  assert.deepEqual(problemsOf('a = 1\nb = "secret\n', "toml"), [
    "a.toml:2:12: unterminated string constant",
  ]);
  assert.deepEqual(problemsOf("a = 1\na = 2\n", "toml"), [
    "a.toml:2:1: this key is set twice in one object",
  ]);
});

test("an empty file is a problem, and so is a list at the top", () => {
  const empty = "1:1: the file is empty: expected keys";
  assert.deepEqual(problemsOf("# nothing\n", "yaml"), [`a.yaml:${empty}`]);
  assert.deepEqual(problemsOf("", "json"), [`a.json:${empty}`]);
  assert.deepEqual(problemsOf("\n", "toml"), [`a.toml:${empty}`]);
  assert.deepEqual(problemsOf("- a\n", "yaml"), [
    "a.yaml:1:1: expected keys at the top of the file",
  ]);
});

test("YAML: aliases that stand for too many values are one problem, found at once", () => {
  const doubling = ["a0: &a0 [x, x]"];
  for (let i = 1; i < 40; i += 1) doubling.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  const merged = ["a0: &a0 { x: 1, y: 2 }"];
  for (let i = 1; i < 40; i += 1)
    merged.push(`a${i}: &a${i} { p: { <<: *a${i - 1} }, q: *a${i - 1} }`);
  for (const lines of [doubling, merged]) {
    const [problem = "", ...others] = problemsOf(lines.join("\n"), "yaml");
    assert.match(
      problem,
      /^a\.yaml:1\d:\d+: the aliases up to here stand for more than 100000 values$/,
    );
    assert.deepEqual(others, []);
  }
});

test("YAML: an anchor that is given again is the last one before the alias, also one of a key", () => {
  const text = "a: &x 1\nb: *x\nc: &x 2\nd: *x\n&k e: 3\nf: *k\ng: [*x, *x]\n";
  assert.deepEqual(plainValue(read(text, "yaml")), {
    ...{ a: 1, b: 1, c: 2, d: 2, e: 3, f: "e", g: [2, 2] },
  });
});

test("a file that is nested too deeply is a problem, and no bug", () => {
  const depth = 20_000;
  const nested = `a: ${"[".repeat(depth)}${"]".repeat(depth)}`;
  assert.match(problemsOf(nested, "yaml")[0] ?? "", /: the file is nested too deeply$/);
});
