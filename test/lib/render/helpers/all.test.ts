import assert from "node:assert/strict";
import { test } from "node:test";
import { helpers, tables } from "../../../../lib/render/helpers/all.ts";
import { HelperError } from "../../../../lib/render/helpers/contract.ts";
import { call, context, web } from "./fixture.ts";

test("helpers that confd does not have", () => {
  assert.deepEqual(call("instances", "web"), JSON.parse(JSON.stringify(web.instances)));
  assert.deepEqual(call("instances", "unknown"), []);
  assert.deepEqual(call("instances", "__proto__"), []);
  assert.equal(call("concat", "server-", 1), "server-1");
  assert.deepEqual(call("weighted", [{ weight: 0 }, { weight: 1 }]), [{ weight: 1 }]);
  const [one, two] = [{ address: "10.0.0.1:80" }, { address: "10.0.0.2:80" }];
  const named = { address: "a.test:80", resolved: [one, two] };
  const list = [one, named, { address: "b.test:80" }];
  assert.deepEqual(call("resolved", list), [one, two, { address: "b.test:80" }]);
  assert.deepEqual(call("resolved", [one, two]), [one, two]);
  const [backup, other] = [{ labels: { backup: "true" } }, { labels: { backup: "false" } }];
  assert.deepEqual(call("primary", [backup, other, {}]), [other, {}]);
  assert.deepEqual(call("backups", [backup, other, {}]), [backup]);
  assert.deepEqual([call("primary", [backup]), call("backups", [backup])], [[backup], []]);
  assert.deepEqual(call("generation"), "sidekick-0000000000000000");
  assert.equal(call("toJson", { a: ['"', "\n"] }), '{"a":["\\"","\\n"]}');
  assert.equal(call("datetime"), "2026-11-21T09:30:00Z");
});

const rejected: readonly (readonly [helper: string, args: readonly unknown[], sentence: string])[] =
  [
    ["getv", ["/x"], "the key /x does not exist"],
    ["getv", ["/x", undefined], "the key /x does not exist"],
    ["getv", ["/x", null], "the key /x does not exist"],
    ["get", ["/x"], "the key /x does not exist"],
    ["gets", ["/["], 'invalid pattern "/["'],
    ["getv", [], "getv was called with 0 arguments; usage: getv key [default]"],
    ["getv", ["/a", "b", "c"], "getv was called with 3 arguments; usage: getv key [default]"],
    ["datetime", ["rfc"], "datetime was called with 1 argument; usage: datetime"],
    ["concat", [], "concat was called with 0 arguments; usage: concat string..."],
    ["getv", [undefined], "getv expects a string, but the first argument is undefined"],
    ["toUpper", [{}], "toUpper expects a string, but the first argument is an object"],
    ["contains", ["a", true], "contains expects a string, but the second argument is true"],
    [
      "add",
      ["x", 1],
      'add expects an integer, but the first argument is "x"; use atoi to convert a string',
    ],
    ["add", [1, 1.5], "add expects an integer, but the second argument is 1.5"],
    ["mul", [2 ** 40, 2 ** 40], "mul 1099511627776 1099511627776 is too large"],
    ["div", [1, 0], "div cannot divide by 0"],
    ["mod", [1, 0], "mod cannot divide by 0"],
    ["atoi", ["1e3"], 'atoi cannot read "1e3" as an integer'],
    ["atoi", ["٣"], 'atoi cannot read "٣" as an integer'],
    ["atoi", [""], 'atoi cannot read "" as an integer'],
    ["atoi", ["9007199254740993"], 'atoi cannot read "9007199254740993" as an integer'],
    ["parseBool", ["yes"], 'parseBool cannot read "yes"'],
    ["seq", [1, 1e9], "seq 1 1000000000 would be longer than 100000 numbers"],
    ["join", ["a", ","], 'join expects a list, but the first argument is "a"'],
    [
      "join",
      [[{}], ","],
      "join expects a list of strings, but the first argument is a list that contains an object",
    ],
    [
      "sortKVByLength",
      [["a"]],
      'sortKVByLength expects a list of keys with values, but the first argument is a list that contains "a"',
    ],
    ["reverse", ["abc"], 'reverse expects a list, but the first argument is "abc"'],
    ["len", [1], "len expects a string, a list or an object, but the first argument is 1"],
    ["map", ["a"], "map expects pairs of a key and a value, but the last key has no value"],
    ["map", [1, 2], "map expects a string as a key, but the first argument is 1"],
    ["json", ["[1]"], '"[1]" is not a JSON object'],
    ["json", ["1"], '"1" is not a JSON object'],
    ["json", ["{"], '"{" is not valid JSON'],
    ["jsonArray", ["{}"], '"{}" is not a JSON list'],
    ["toJson", [undefined], "toJson expects a value, but the first argument is undefined"],
    ["base64Decode", ["VmFsdWU"], '"VmFsdWU" is not base64'],
    ["base64Decode", ["Vm-_"], '"Vm-_" is not base64'],
    ["base64Decode", ["/w=="], 'the bytes in "/w==" are not UTF-8'],
    ["eq", ["1", 1], '"1" cannot be compared with 1'],
    ["eq", [[], []], "a list cannot be compared with a list"],
    ["lt", [true, false], "true cannot be compared with false"],
    ["lt", [1, undefined], "1 cannot be compared with undefined"],
  ];

test("invalid arguments are rejected with a message that shows them", () => {
  for (const [helper, args, sentence] of rejected) {
    assert.throws(
      () => call(helper, ...args),
      (error) =>
        error instanceof HelperError && assert.equal(error.message, sentence) === undefined,
      `${helper} ${JSON.stringify(args)}`,
    );
  }
});

test("a value cannot exhaust the stack", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  assert.throws(() => call("jsonArray", deep), HelperError);
});

test("objects have no members except their own", () => {
  const json = '{"__proto__": {"polluted": 1}, "constructor": 2, "list": [{}]}';
  const parsed = helpers.json?.run([json], context) as Record<string, unknown>;
  assert.deepEqual(Object.keys(parsed), ["__proto__", "constructor", "list"]);
  assert.equal(parsed.toString, undefined);
  assert.ok(Array.isArray(parsed.list));
  assert.equal("valueOf" in parsed.list[0], false);
  const made = helpers.map?.run(["__proto__", { polluted: 1 }], context) as Record<string, unknown>;
  assert.deepEqual(Object.keys(made), ["__proto__"]);
  assert.equal(made.polluted, undefined);
});

test("arguments are not changed", () => {
  const list = Object.freeze(["bb", "a"]);
  for (const name of ["reverse", "sortByLength"]) call(name, list);
  assert.deepEqual(list, ["bb", "a"]);
});

test("arithmetic never results in -0", () => {
  for (const [name, ...args] of [
    ["mul", -1, 0],
    ["div", -1, 2],
    ["mod", -4, 2],
  ] as const) {
    assert.ok(Object.is(helpers[name]?.run(args, context), 0), name);
  }
  assert.ok(Object.is(helpers.atoi?.run(["-0"], context), 0));
});

test("helper names are unique and match their usage", () => {
  const names = tables.flatMap((table) => Object.keys(table));
  assert.deepEqual(names, [...new Set(names)]);
  assert.deepEqual(Object.keys(helpers), names);
  for (const [name, { usage }] of Object.entries(helpers)) assert.equal(usage.split(" ")[0], name);
  for (const name of ["if", "unless", "each", "with", "lookup", "log"]) {
    assert.ok(!names.includes(name), `${name} is a helper of Handlebars itself`);
  }
});

test("exactly the helpers that read the context are not pure", () => {
  const impure = Object.entries(helpers).flatMap(([name, { pure }]) => (pure ? [] : [name]));
  const expected =
    "getv get gets getvs exists ls lsdir instances listening getenv lookupIP lookupIPV4 lookupIPV6 lookupSRV fileExists datetime";
  assert.deepEqual(impure, expected.split(" "));
});
