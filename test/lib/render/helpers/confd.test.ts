import assert from "node:assert/strict";
import { test } from "node:test";
import { call } from "./fixture.ts";

type Case = readonly [helper: string, args: readonly unknown[], result: unknown];

const b = { key: "/app/upstream/b", value: "10.0.0.1:80" };
const a = { key: "/app/upstream/a", value: "10.0.0.2:80" };
const c = { key: "/app/upstream/c", value: "10.0.0.1:80" };

/** The results of confd for the same arguments and keys. */
const asConfd: readonly Case[] = [
  ["getv", ["/app/name"], "shop"],
  ["getv", ["/app/empty", "fallback"], ""],
  ["getv", ["/nowhere", "fallback"], "fallback"],
  ["getv", ["/nowhere", ""], ""],
  ["get", ["/app/name"], { key: "/app/name", value: "shop" }],
  ["gets", ["/app/upstream/*"], [a, b, c]],
  [
    "gets",
    ["/app/*"],
    [
      { key: "/app/empty", value: "" },
      { key: "/app/name", value: "shop" },
    ],
  ],
  ["gets", ["/nowhere/*"], []],
  ["getvs", ["/app/upstream/*"], ["10.0.0.1:80", "10.0.0.1:80", "10.0.0.2:80"]],
  ["getvs", ["/app/*/[ab]"], ["10.0.0.1:80", "10.0.0.2:80"]],
  ["exists", ["/app/empty"], true],
  ["exists", ["/app"], false],
  ["ls", ["/app"], ["db", "empty", "name", "upstream"]],
  ["ls", ["/app/"], ["db", "empty", "name", "upstream"]],
  ["ls", ["/app/name"], ["name"]],
  ["ls", ["/both"], ["both", "child"]],
  ["ls", ["/nowhere"], []],
  ["lsdir", ["/app"], ["db", "upstream"]],
  ["lsdir", ["/app/db"], []],
  ["base", ["/a/b"], "b"],
  ["base", ["/a/b///"], "b"],
  ["base", [""], "."],
  ["base", ["///"], "/"],
  ["base", ["a"], "a"],
  ["dir", ["/a/b/c"], "/a/b"],
  ["dir", ["/a/b/"], "/a/b"],
  ["dir", ["a/"], "a"],
  ["dir", ["/a"], "/"],
  ["dir", ["a"], "."],
  ["dir", [""], "."],
  ["dir", ["/a//b/../c/d"], "/a/c"],
  ["dir", ["../../a"], "../.."],
  ["dir", ["/../a"], "/"],
  ["split", ["a:b::c", ":"], ["a", "b", "", "c"]],
  ["split", ["", ":"], [""]],
  ["split", ["aé😀", ""], ["a", "é", "😀"]],
  ["split", ["", ""], []],
  ["join", [["a", "b"], ","], "a,b"],
  ["join", [[], ","], ""],
  ["replace", ["a-b-c", "-", "_", -1], "a_b_c"],
  ["replace", ["a-b-c", "-", "_", 1], "a_b-c"],
  ["replace", ["a-b-c", "-", "_", 2], "a_b_c"],
  ["replace", ["a-b-c", "-", "_", 9], "a_b_c"],
  ["replace", ["a-b-c", "-", "_", 0], "a-b-c"],
  ["replace", ["abc", "", "-", -1], "-a-b-c-"],
  ["replace", ["abc", "", "-", 2], "-a-bc"],
  ["replace", ["", "", "x", -1], "x"],
  ["replace", ["a.c", ".", "$&", -1], "a$&c"],
  ["toUpper", ["Value"], "VALUE"],
  ["toLower", ["Value"], "value"],
  ["toUpper", ["straße"], "STRAßE"],
  ["toUpper", ["ᾳǆ"], "ᾼǄ"],
  ["toLower", ["İΣ"], "iσ"],
  ["trimSuffix", ["a.b.b", ".b"], "a.b"],
  ["trimSuffix", ["a", "b"], "a"],
  ["trimSuffix", ["a", ""], "a"],
  ["contains", ["sweetapp", "tap"], true],
  ["contains", ["sweetapp", "sour"], false],
  ["contains", ["sweetapp", ""], true],
  ["reverse", [["a", "b", "c"]], ["c", "b", "a"]],
  ["sortByLength", [["ccc", "é", "b", "a"]], ["b", "a", "é", "ccc"]],
  [
    "sortKVByLength",
    [[{ key: "/aa", value: "" }, b, { key: "/a", value: "" }]],
    [{ key: "/a", value: "" }, { key: "/aa", value: "" }, b],
  ],
  ["getenv", ["HOME"], "/home/me"],
  ["getenv", ["HOME", "x"], "/home/me"],
  ["getenv", ["UNSET"], ""],
  ["getenv", ["UNSET", "x"], "x"],
  ["getenv", ["NOTHING", "x"], "x"],
  ["lookupIP", ["host"], ["10.0.0.10", "10.0.0.9", "::1"]],
  ["lookupIPV4", ["host"], ["10.0.0.10", "10.0.0.9"]],
  ["lookupIPV6", ["host"], ["::1"]],
  [
    "lookupSRV",
    ["mail", "tcp", "x.org"],
    [
      { target: "a._mail._tcp.x.org", port: 81, priority: 2, weight: 5 },
      { target: "b._mail._tcp.x.org", port: 80, priority: 1, weight: 5 },
    ],
  ],
  [
    "lookupSRV",
    ["", "", "x.org"],
    [
      { target: "a.x.org", port: 81, priority: 2, weight: 5 },
      { target: "b.x.org", port: 80, priority: 1, weight: 5 },
    ],
  ],
  ["fileExists", ["/"], true],
  ["fileExists", ["/no/such/file"], false],
  ["base64Encode", ["Value"], "VmFsdWU="],
  ["base64Decode", ["VmFsdWU="], "Value"],
  ["base64Decode", ["VmFs\r\ndWU=\n"], "Value"],
  ["base64Decode", [""], ""],
  ["atoi", ["42"], 42],
  ["atoi", ["-07"], -7],
  ["atoi", ["+1"], 1],
  ["seq", [3, 5], [3, 4, 5]],
  ["seq", [3, 3], [3]],
  ["seq", [5, 3], []],
  ["seq", [-1, 1], [-1, 0, 1]],
  ["add", [1, 2], 3],
  ["sub", [1, 2], -1],
  ["mul", [3, -2], -6],
  ["div", [7, 2], 3],
  ["div", [-7, 2], -3],
  ["mod", [7, 3], 1],
  ["mod", [-7, 3], -1],
  ["map", ["name", "es", "port", 9200], { name: "es", port: 9200 }],
  ["map", [], {}],
  ["json", ['{"a":[{"b":1}]}'], { a: [{ b: 1 }] }],
  ["json", ["null"], {}],
  ["jsonArray", ['["a", 1, null]'], ["a", 1, null]],
  ["jsonArray", ["null"], []],
  ["len", ["é"], 2],
  ["len", [["a", "b"]], 2],
  ["len", [{ a: 1 }], 1],
  ["eq", ["a", "a"], true],
  ["eq", ["a", "b", "a"], true],
  ["eq", [1, 2], false],
  ["eq", [undefined, "a"], false],
  ["eq", [undefined, null], true],
  ["ne", ["a", "b"], true],
  ["lt", [9, 10], true],
  ["lt", ["9", "10"], false],
  ["le", [2, 2], true],
  ["gt", ["b", "a"], true],
  ["ge", [1, 2], false],
  ["and", ["a", "b"], "b"],
  ["and", ["a", 0, "b"], 0],
  ["and", ["a", [], "b"], []],
  ["or", ["", "b", "c"], "b"],
  ["or", ["", {}, 0], 0],
  ["not", [[]], true],
  ["not", ["x"], false],
];

test("helpers return the same as confd's", () => {
  for (const [helper, args, result] of asConfd) {
    assert.deepEqual(call(helper, ...args), result, `${helper} ${JSON.stringify(args)}`);
  }
});

test("parseBool accepts the same words as Go", () => {
  for (const word of ["1", "t", "T", "true", "True", "TRUE"]) {
    assert.equal(call("parseBool", word), true, word);
    assert.equal(call("parseBool", 1), true);
  }
  for (const word of ["0", "f", "F", "false", "False", "FALSE"]) {
    assert.equal(call("parseBool", word), false, word);
  }
});

/** Cases that confd's users have reported as bugs. */
const better: readonly Case[] = [
  ["ls", ["/"], ["app", "both", "top"]],
  ["lsdir", ["/"], ["app", "both"]],
  ["reverse", [[a, b, c]], [c, b, a]],
  ["json", ['{"n": 21000000}'], { n: 21_000_000 }],
  ["json", ['{"id": 12345678901234567890}'], { id: "12345678901234567890" }],
  ["json", ['{"id": -12345678901234567890}'], { id: "-12345678901234567890" }],
  ["json", ['{"id": 9007199254740991}'], { id: 9_007_199_254_740_991 }],
  ["json", ['{"half": 0.50000000000000000}'], { half: 0.5 }],
  ["replace", ["a-b-c", "-", "_"], "a_b_c"],
];

test("helpers return the correct result where confd's do not", () => {
  for (const [helper, args, result] of better) {
    assert.deepEqual(call(helper, ...args), result, `${helper} ${JSON.stringify(args)}`);
  }
});
