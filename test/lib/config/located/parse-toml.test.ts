import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../../lib/config/located/parse.ts";
import { type Problem, problemLines } from "../../../../lib/config/located/problem.ts";
import { plainValue } from "../../../../lib/config/located/tree.ts";

function read(text: string) {
  const problems: Problem[] = [];
  const root = parse({ name: "a.toml", format: "toml", text }, "keys", problems);
  return { root, problems, why: problemLines(problems).join("\n") };
}

function values(text: string): unknown {
  const { root, why } = read(text);
  assert.ok(root, why);
  return plainValue(root);
}

/** The problems of a text that is rejected: `2:1: …`. */
function rejection(text: string): string {
  const { root, why } = read(text);
  assert.equal(root, undefined, `accepted: ${text}`);
  return why.replaceAll("a.toml:", "");
}

test("tables may be opened in any order, and lists of tables grow with each header", () => {
  assert.deepEqual(values("[a.b]\nc = 1\n[a]\nd = 2\n[a.b.e]\nf = 3\n"), {
    a: { b: { c: 1, e: { f: 3 } }, d: 2 },
  });
  assert.deepEqual(values("a.b = 1\n[a.c]\nd = 2\n[e]\n"), { a: { b: 1, c: { d: 2 } }, e: {} });
  const nested = "[[a]]\n[[a.b]]\nc.d = 1\n[[a.b]]\n[a.b.e]\nf = 2\n[[a]]\nb = [[], [{}]]\n";
  assert.deepEqual(values(nested), {
    a: [{ b: [{ c: { d: 1 } }, { e: { f: 2 } }] }, { b: [[], [{}]] }],
  });
});

test("setting a key twice is a problem, however it is written", () => {
  const twice: Readonly<Record<string, string>> = {
    "a.b = 1\na.b = 2": "2:3",
    "a.b = 1\na = 2": "2:1",
    "a = 1\na.b = 2": "2:1",
    "'a' = 1\n\"\\u0061\" = 2": "2:1",
    "[a]\n[a]": "2:2",
    "[a]\nb = 1\n[a.b]": "3:4",
    "[a]\nb.c = 1\n[a.b]": "3:4",
    "[a.b]\n[a]\nb.c = 1": "3:1",
    "a.b = 1\n[a]": "2:2",
    "[[a]]\n[a]": "2:2",
    "[a.b]\n[[a]]": "2:3",
    "a = []\n[[a]]": "2:3",
    "a = {}\n[a.b]": "2:2",
    "a = { b = 1 }\na.c = 2": "2:1",
    "a = [{ b = 1 }]\n[a.c]": "2:2",
    "a = { b = 1, b = 2 }": "1:14",
    "a = [{ b.c = 1, b = 2 }]": "1:17",
  };
  for (const [text, at] of Object.entries(twice)) {
    assert.equal(rejection(text), `${at}: this key is set twice in one object`, text);
  }
});

test("a key may have the name of a property that every object has", () => {
  for (const text of ["[__proto__]\nx = 1", "__proto__.x = 1", "__proto__ = { x = 1 }"]) {
    assert.deepEqual(Object.entries(values(text) as object), [["__proto__", { x: 1 }]]);
  }
  const names = values("constructor = 1\ntoString.a = 2") as object;
  assert.deepEqual(Object.entries(names), [
    ["constructor", 1],
    ["toString", { a: 2 }],
  ]);
  assert.equal("x" in {}, false);
});

test("a number is read exactly or rejected", () => {
  assert.deepEqual(
    values("a = [9007199254740991, -9_007_199_254_740_991, 0x1f, 0o17, 0b11, 1e3]"),
    {
      a: [9007199254740991, -9007199254740991, 31, 15, 3, 1000],
    },
  );
  const large = "expected an integer between -(2^53 - 1) and 2^53 - 1";
  assert.equal(
    rejection("a = 9007199254740993\nb = [1, 99999999999999999999]\nc = 0xffffffffffffffff"),
    `1:5: ${large}\n2:9: ${large}\n3:5: ${large}`,
  );
  assert.match(rejection("a = 01"), /^1:5: /);
  assert.match(rejection("a = 1__0"), /^1:7: /);
});

test("a date is read as a string, and an invalid one is rejected", () => {
  const dates = [
    "2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00.123456+05:30",
    "2026-11-21",
    "10:00",
    "2024-02-29",
  ];
  assert.deepEqual(values(`a = [${dates.join(", ")}]`), { a: dates });
  assert.match(rejection("a = 2026-02-29"), /^1:14: .*invalid date/);
  assert.match(rejection("a = 25:00:00"), /^1:12: .*invalid time/);
});

test("line ends of Windows and a byte order mark are accepted", () => {
  const { root } = read("\ufeffa = 1\r\nb = '''x\r\ny'''\r\n");
  assert.ok(root);
  assert.deepEqual(plainValue(root), { a: 1, b: "x\ny" });
  assert.equal(root.fields.get("a")?.value.position.column, 5);
});

test("a carriage return hides no key in a comment", () => {
  const message = "a carriage return is not allowed without a line feed after it";
  assert.equal(rejection("a = 1\n# no\rb = 2\n"), `2:5: ${message}`);
  assert.equal(rejection("a = '''x\ry'''"), `1:9: ${message}`);
});

test("control characters and invalid code points are rejected and not shown", () => {
  assert.match(rejection('a = "x\u0001"'), /^1:7: control characters/);
  assert.match(rejection("a = '''x\u0000'''"), /^1:9: control characters/);
  assert.equal(rejection("a = 1 # x\u0001"), "1:10: invalid code point within comments");
  assert.equal(rejection('a = "\\ud800"'), "1:11: invalid code point");
});

test("a truncated file is read or rejected with a position", () => {
  const text = `[a.b] # c
"d e".'f' = [1, { g = "h", i.j = 'k' }, """l
m""", 2026-11-21T10:00:00Z, -1.5e3, true]
[[n]]
`;
  for (let end = 1; end <= text.length; end += 1) {
    const { root, problems } = read(text.slice(0, end));
    assert.equal(root === undefined, problems.length > 0);
    for (const { position } of problems) {
      assert.ok(position.line && position.line <= 5 && position.column, text.slice(0, end));
    }
  }
});

test("a file that is nested too deeply, or has too long a string, is rejected", () => {
  const lists = (depth: number) => `a = ${"[".repeat(depth)}${"]".repeat(depth)}`;
  values(lists(400));
  values(`a${".a".repeat(400)} = 1`);
  assert.equal(rejection(lists(600)), "1:505: nested more than 500 levels deep");
  assert.equal(rejection(`a${".a".repeat(5000)} = 1`), "1:1: nested more than 500 levels deep");
  const message = "the file is nested too deeply, or has a string of more than 100 000 characters";
  assert.equal(rejection(lists(100_000)), `1:1: ${message}`);
  values(`a = "${"x".repeat(100_000)}"`);
  assert.equal(rejection(`a = "${"x".repeat(1_000_000)}"`), `1:1: ${message}`);
});
