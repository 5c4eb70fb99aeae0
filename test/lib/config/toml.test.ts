import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../../../lib/config/located/parse.ts";
import { lines, type Problem } from "../../../lib/config/located/problem.ts";
import { plain } from "../../../lib/config/located/tree.ts";

function read(text: string) {
  const problems: Problem[] = [];
  const section = parse(text, "a.toml", "toml", problems);
  return { section, problems, why: lines(problems).join("\n") };
}

function values(text: string): unknown {
  const { section, why } = read(text);
  assert.ok(section, why);
  return plain(section);
}

/** Where a text is refused, and why: `2:1: …`. */
function refusal(text: string): string {
  const { section, why } = read(text);
  assert.equal(section, undefined, `accepted: ${text}`);
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

test("a key is set once, however it is written", () => {
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
    assert.equal(refusal(text), `${at}: this key is set twice in one section`, text);
  }
});

test("a key may have the name of something that every object has", () => {
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

test("a number is what is written, or is refused", () => {
  assert.deepEqual(
    values("a = [9007199254740991, -9_007_199_254_740_991, 0x1f, 0o17, 0b11, 1e3]"),
    {
      a: [9007199254740991, -9007199254740991, 31, 15, 3, 1000],
    },
  );
  const large = "expected an integer between -(2^53 - 1) and 2^53 - 1";
  assert.equal(
    refusal("a = 9007199254740993\nb = [1, 99999999999999999999]\nc = 0xffffffffffffffff"),
    `1:5: ${large}\n2:9: ${large}\n3:5: ${large}`,
  );
  assert.match(refusal("a = 01"), /^1:5: /);
  assert.match(refusal("a = 1__0"), /^1:7: /);
});

test("a date is the text that is written, if there is such a day", () => {
  const dates = [
    "2026-11-21T10:00:00Z",
    "2026-11-21 10:00:00.123456+05:30",
    "2026-11-21",
    "10:00",
    "2024-02-29",
  ];
  assert.deepEqual(values(`a = [${dates.join(", ")}]`), { a: dates });
  assert.match(refusal("a = 2026-02-29"), /^1:14: .*invalid date/);
  assert.match(refusal("a = 25:00:00"), /^1:12: .*invalid time/);
});

test("lines may end as they do in Windows, and the file may begin with a byte order mark", () => {
  const { section } = read("\ufeffa = 1\r\nb = '''x\r\ny'''\r\n");
  assert.ok(section);
  assert.deepEqual(plain(section), { a: 1, b: "x\ny" });
  assert.equal(section.fields.get("a")?.value.mark.column, 5);
});

test("a carriage return hides no key in a comment", () => {
  const says = "a carriage return is not allowed without a line feed after it";
  assert.equal(refusal("a = 1\n# no\rb = 2\n"), `2:5: ${says}`);
  assert.equal(refusal("a = '''x\ry'''"), `1:9: ${says}`);
});

test("control characters and impossible code points are refused, and not shown", () => {
  assert.match(refusal('a = "x\u0001"'), /^1:7: control characters/);
  assert.match(refusal("a = '''x\u0000'''"), /^1:9: control characters/);
  assert.equal(refusal("a = 1 # x\u0001"), "1:10: invalid code point within comments");
  assert.equal(refusal('a = "\\ud800"'), "1:11: invalid code point");
});

test("a file that ends too early is read or refused with a place, wherever it ends", () => {
  const text = `[a.b] # c
"d e".'f' = [1, { g = "h", i.j = 'k' }, """l
m""", 2026-11-21T10:00:00Z, -1.5e3, true]
[[n]]
`;
  for (let end = 1; end <= text.length; end += 1) {
    const { section, problems } = read(text.slice(0, end));
    assert.equal(section === undefined, problems.length > 0);
    for (const { mark } of problems) {
      assert.ok(mark.line && mark.line <= 5 && mark.column, text.slice(0, end));
    }
  }
});

test("what is nested too deeply, or too long for the parser, is refused", () => {
  const lists = (depth: number) => `a = ${"[".repeat(depth)}${"]".repeat(depth)}`;
  values(lists(400));
  values(`a${".a".repeat(400)} = 1`);
  assert.equal(refusal(lists(600)), "1:505: nested more than 500 levels deep");
  assert.equal(refusal(`a${".a".repeat(5000)} = 1`), "1:1: nested more than 500 levels deep");
  const says = "the file is nested too deeply, or has a string of more than 100 000 characters";
  assert.equal(refusal(lists(100_000)), `1:1: ${says}`);
  values(`a = "${"x".repeat(100_000)}"`);
  assert.equal(refusal(`a = "${"x".repeat(1_000_000)}"`), `1:1: ${says}`);
});
