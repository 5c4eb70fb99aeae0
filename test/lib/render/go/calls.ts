import type { GoFunction, GoFunctions } from "../../../../lib/render/go/functions/define.ts";
import { random as seeded } from "./random.ts";
import type { Wire } from "./wire.ts";

/** A call: the name of a function, and its arguments. */
export type Call = readonly [string, readonly Wire[]];

type Random = ReturnType<typeof seeded>;
type Choice = (random: Random) => Wire;

/** Calls of each function, the same for the same seed: mostly of types that it takes, sometimes of others, or too few. */
export function calls(functions: GoFunctions, seed: number): readonly Call[] {
  return Object.entries(functions)
    .filter(([name]) => !unanswered.has(name))
    .flatMap(([name, one]) => callsOf(name, one, seeded(`${seed} ${name}`)));
}

/** What depends on the host or the clock, or is answered by a name server. */
const unanswered: ReadonlySet<string> = new Set([
  ...["lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV", "lookupIfaceIPV4", "lookupIfaceIPV6"],
  ...["hostname", "datetime", "fileExists", "call"],
]);

function callsOf(name: string, one: GoFunction, random: Random): readonly Call[] {
  const count = counts[name] ?? 22;
  const all = Array.from({ length: count }, (): Call => [name, argumentsOf(name, one, random)]);
  return [...new Map(all.map((call) => [JSON.stringify(call), call])).values()];
}

const counts: Readonly<Record<string, number>> = {
  ...{ printf: 500, print: 80, println: 60, index: 120, slice: 120, len: 40, html: 40, js: 40 },
  ...{ eq: 150, ne: 60, lt: 90, le: 90, gt: 60, ge: 60, and: 40, or: 40, not: 30 },
  ...{ json: 60, jsonArray: 60, replace: 60, split: 40, gets: 60, getvs: 40, ls: 40, lsdir: 40 },
  ...{ semverCompare: 200, semver: 60, regexFind: 120, regexReplaceAll: 150, regexMatch: 120 },
  ...{ regexFindAll: 100, regexSplit: 100, snakecase: 60, camelcase: 60, kebabcase: 40, wrap: 50 },
  ...{
    toJson: 50,
    toPrettyJson: 40,
    int: 50,
    int64: 40,
    float64: 50,
    round: 50,
    b64dec: 40,
    b32dec: 40,
  },
};

function argumentsOf(name: string, { signature }: GoFunction, random: Random): readonly Wire[] {
  const { parameters, rest } = signature;
  const extra = rest ? random.below(name === "printf" ? 4 : 3) : 0;
  const kinds = [...parameters, ...Array.from({ length: extra }, () => rest)];
  const args = kinds.map((parameter, at) => {
    const kind = parameter?.kind ?? "any";
    const own = domains[name]?.[at];
    if (own && random.below(10) > 0) return own(random);
    return random.below(12) === 0 ? anything(random) : (ofKind[kind] ?? anything)(random);
  });
  return random.below(40) === 0 ? args.slice(1) : args;
}

const pick =
  (...values: readonly Wire[]): Choice =>
  (random) =>
    random.pick(values);

const text = pick(
  ...[
    "",
    "a",
    "abc",
    "web-1",
    "/services/web/1",
    "10.0.0.1:8080",
    "straße",
    "ÄÖü",
    "日本語",
    "a😀b",
  ],
  ...[" x ", "a,b,c", "1", "42", "-7", "3.14", "true", "<b>&'\"", "line1\nline2", "a%20b?c=d"],
  ...[
    "Hello World",
    "HTTPServer20x",
    "foo_bar-baz qux",
    "\u0000\u0007\t",
    "ǆabc",
    "\ufeff\u00a0",
    "\\d+",
  ],
);

const integer = pick(0, 1, 2, 3, 5, -1, -7, 10, 42, 100, 65, 8364, 128512, 1_000_000);

const float = pick(
  ...[0, 1, 1.5, -2.5, 0.1, 1e6, 1e21, 1e-5, 123456789, 3.14159, 0.5, 2.675, 1e-7, 100].map(
    (f) => ({ f }),
  ),
);

const boolean = pick(true, false);

function listOf(item: Choice): Choice {
  return (random) => Array.from({ length: random.below(5) }, () => item(random));
}

const simple: Choice = (random) =>
  random.pick([text, text, integer, float, boolean, pick(null)])(random);

const strings: Choice = (random) => ({ s: listOf(text)(random) });

const pairs: Choice = (random) =>
  Array.from({ length: random.below(4) }, () => [
    random.pick(["/a", "/bb", "/services/web/1", "/ß"]),
    text(random) as string,
  ]) as unknown as Wire;

const map: Choice = (random) => {
  const names = ["a", "b", "key", "Z", "ﬁ", "😀", "0"];
  const members = Array.from({ length: random.below(4) }, () => [
    random.pick(names),
    simple(random),
  ]);
  return { m: Object.fromEntries(members) };
};

const nested: Choice = (random) => ({
  m: { a: map(random), list: listOf(simple)(random), name: text(random) },
});

const anything: Choice = (random) =>
  random.pick<Choice>([
    ...[text, text, integer, float, boolean, pick(null), listOf(simple), strings, map, nested],
    (r) => ({ k: pairs(r) }),
    (r) => ({ p: pairs(r) }),
    pick({ e: ["/a", "x"] }),
    pick({ l: 3 }, { l: -5 }, { b: 65 }, { i: [1, 2, 3] }, { t: { a: "x", b: "" } }),
  ])(random);

const ofKind: Readonly<Record<string, Choice>> = {
  any: anything,
  string: text,
  bool: boolean,
  int: pick(0, 1, 2, 3, 5, 8, -1, -3, 12),
  float64: float,
  "map[string]interface {}": (random) => random.pick([map, map, nested])(random),
  "[]string": strings,
  "[]interface {}": listOf(simple),
  "[]memkv.KVPair": (random) => ({ [random.pick(["k", "p"])]: pairs(random) }),
};

const numeric: Choice = (random) =>
  random.pick([
    integer,
    float,
    pick("12", "0x1F", "1.50", "1e3", "010", "2.0", "x", "-4", "1_000", { l: 7 }),
  ])(random);

const key = pick(
  ...[
    "/app/name",
    "/app/port",
    "/app/empty",
    "/app/none",
    "/app/db",
    "app/name",
    "/services/web",
    "",
    "/",
    "/top",
  ],
);

const folder = pick(
  ...[
    "/app",
    "/app/",
    "/app/db",
    "/",
    "",
    "app",
    "/services",
    "/services/web",
    "/services/web-2",
    "/none",
    "/top",
  ],
);

const glob = pick(
  ...[
    "/app/*",
    "/app/db/ports/?",
    "/*",
    "*",
    "/services/*/*",
    "/app/[a-n]*",
    "/app/[^a-n]*",
    "app/*",
    "/services/web",
  ],
  ...[
    "/**",
    "/app/db/ports/[ab]",
    "/app/[",
    "/none/*",
    "/services/web\\-2/*",
    "",
    "/app/p?rt",
    "/*/*/*",
  ],
);

const json = pick(
  ...[
    '{"a":1,"b":[1,2.5,null],"c":{"d":"x"}}',
    "{}",
    "[]",
    '[1,"two",true,null,{"k":1e6}]',
    "null",
    "",
    "{",
    '{"a":}',
  ],
  ...[
    '{"n":21000000,"m":1e-7,"x":-0}',
    '{"s":"\\u00e4\\ud83d\\ude00\\ud800"}',
    '["a"',
    "12",
    '"text"',
    '{"a":1}{',
    " [1] ",
  ],
  ...[
    '{"z":1,"a":2,"ﬁ":3,"😀":4}',
    '{"a":1,"a":2}',
    "[1e400]",
    "[[1],[2,[3]]]",
    "true",
    "[01]",
    '["\t"]',
  ],
);

const format: Choice = (random) => {
  const parts = Array.from({ length: 1 + random.below(3) }, () => {
    if (random.below(12) === 0)
      return random.pick([
        "%%",
        "%",
        "%!",
        "%[2]d",
        "%[1]v",
        "%[9]s",
        "%[x]d",
        "%*d",
        "%.*f",
        "%-*s|",
        "ü",
        "%z",
        "%.s",
        "%5%",
      ]);
    const flags = random.pick(["", "", "", "", "-", "+", "#", " ", "0", "+0", "-0", "# ", "+#"]);
    const width = random.pick(["", "", "", "1", "5", "8", "12"]);
    const precision = random.pick(["", "", "", ".", ".0", ".1", ".3", ".10"]);
    const verb = random.pick([..."vvvvvdddsssqqxXboOcUefgGETt"]);
    return `%${flags}${width}${precision}${verb}`;
  });
  return parts.join(random.pick(["", " ", "|"]));
};

const regex = pick(
  ...[
    "a",
    "a*",
    "[a-z]+",
    "\\d+",
    "(\\w)(\\d)?",
    "^a|b$",
    "(?i)HELLO",
    "(?P<n>[a-z]+)-(\\d)",
    "\\s+",
    "[^,]+",
    ",",
    ".",
  ],
  ...[
    "x*",
    "\\bw",
    "[[:alpha:]]+",
    "\\pL+",
    "\\p{Greek}",
    "(?s)a.b",
    "(?m)^l.*$",
    "a{2,3}",
    "a+?",
    "(a|ab)(c|bcd)?",
    "[",
  ],
  ...[
    "(",
    "a**",
    "\\Q.+\\E",
    "\\x41|\\x{1F600}",
    "[\\d\\-x]",
    "(?:10)\\.",
    "\\z",
    "[[:^digit:]]",
    "(?U)a+",
    "a(?=b)",
    "\\1",
    "",
    "ß",
  ],
);

const subject = pick(
  ...[
    "abc",
    "web-1 web-2",
    "Hello, hello",
    "a1b2",
    "aaa",
    "",
    "line1\nline2\nl",
    "10.0.0.1",
    "日本 straße",
    "αβγ",
    "abcd",
    "x.+y",
    "A😀",
    "a\nb",
  ],
);

const replacement = pick(
  "x",
  "",
  "[$0]",
  "${1}-$2",
  "$1x",
  "$n",
  "${n}_",
  "$$",
  "$",
  "${",
  "\\0",
  "é",
);

const version = pick(
  ...[
    "1.2.3",
    "v1.2",
    "1",
    "2.0.0-beta.1",
    "1.2.3+build",
    "0.2.5",
    "0.0.3",
    "1.10.0",
    "x",
    "",
    "1.2.3-alpha",
    "1.2.3.4",
    "01.2.3",
    "1.2.3-01",
    "10.0.0-rc.1+b.2",
  ],
);

const constraint = pick(
  ...[
    "^1.2",
    "~1.2.3",
    ">=1.0.0, <2.0.0",
    "1.x",
    "*",
    "",
    "!=1.2.3",
    "1.2 - 1.4.5",
    ">1.2 || <0.5",
    "=1.2.3",
    "^0.2.3",
    "^0.0.3",
  ],
  ...[
    "~0",
    "~>1",
    ">=2.0.0-0",
    "<=1.x",
    ">1",
    "!=1.x",
    "1.2.*",
    "=>1.2.3",
    "=<1",
    "^0",
    "^1.2.3-alpha",
    "foo",
    "> 1.2 <2",
    "1.2.3 || 2.x",
    ">=1.2.3-alpha",
    "~1.2.x",
    "!=1.2.3-alpha",
  ],
);

const url = pick(
  ...[
    "http://user:pw@example.com:80/p/a?q=1#f",
    "/a/b",
    "mailto:x@y",
    "http://[::1]:80/",
    "host:80",
    "",
    "http://h/%41%zz",
    "//h/p",
    "https://h?x=y&z",
  ],
);

const path = pick(
  ...[
    "/a/b/../c",
    "a//b",
    "",
    "/",
    "a/b.tar.gz",
    ".hidden",
    "a/",
    "../x",
    "./a",
    "/a/./b/",
    "a.b/c",
  ],
);

const words = pick(
  ...[
    "HelloWorld",
    "HTTPServer",
    "http_server",
    "some words",
    "foo-bar_baz",
    "_leading__under_",
    "HTTP2xx",
    "HTTP20xOK",
    "Duration2m3s",
    "Bld4Floor3rd",
  ],
  ...[
    "a",
    "A",
    "",
    "_",
    "a1",
    "ABC",
    "x9Y",
    "Go 1.19, now!",
    "ÄpfelUndÖl",
    "日本Go",
    "A1B2",
    "1a",
    "--",
    "don't",
    "a_",
    "FooBar123",
    "straße Änd",
    "ab12",
  ],
);

const encoded = pick(
  ...[
    "YWJj",
    "YQ==",
    "YQ=",
    "YQ",
    "!",
    "w6Q=",
    "MFRGG===",
    "ME======",
    "ME",
    "",
    "YW\nJj",
    "/w==",
    "YQ==YQ==",
    "Y===",
    "YR==",
    "M1======",
  ],
);

const each = (one: Choice, count = 4): readonly Choice[] =>
  Array.from({ length: count }, () => one);

const decimalText = pick(
  "1",
  "007",
  "+5",
  "-12",
  "1.0",
  "",
  "x",
  "9007199254740991",
  "12 ",
  "0x10",
  "true",
  "T",
  "f",
  "False",
  "yes",
);

const domains: Readonly<Record<string, readonly Choice[]>> = {
  ...{
    getv: [key, text],
    get: [key],
    exists: [key],
    ls: [folder],
    lsdir: [folder],
    gets: [glob],
    getvs: [glob],
  },
  ...{ json: [json], jsonArray: [json], fromJson: [json], mustFromJson: [json] },
  ...{ printf: [format], atoi: [decimalText], parseBool: [decimalText] },
  ...{ getenv: [pick("GO_HOME", "GO_EMPTY", "GO_NONE"), text], env: [pick("GO_HOME", "GO_NONE")] },
  expandenv: [pick("$GO_HOME/x", "${GO_HOME}y", "$GO_NONE.", "a", "$GO_HOMEx")],
  ...Object.fromEntries(
    ["int", "int64", "float64", "toDecimal", "floor", "ceil", "add1", "add1f"].map((name) => [
      name,
      each(numeric),
    ]),
  ),
  ...Object.fromEntries(
    ["max", "min", "biggest", "maxf", "minf", "addf", "subf", "mulf", "divf"].map((name) => [
      name,
      each(numeric),
    ]),
  ),
  round: [numeric, pick(0, 1, 2, 3, -1), pick({ f: 0.5 }, { f: 0.1 })],
  ...Object.fromEntries(
    ["eq", "ne", "lt", "le", "gt", "ge"].map((name) => [name, each(comparable())]),
  ),
  index: [
    (random) =>
      random.pick([strings, listOf(simple), map, nested, text, pick({ i: [1, 2] })])(random),
    pick(0, 1, 2, 4, "a", "list", "name", { l: 1 }),
    pick(0, 1, "a", "b"),
  ],
  slice: [
    (random) => random.pick([strings, listOf(simple), text])(random),
    pick(0, 1, 2, 3),
    pick(1, 2, 3, 4),
    pick(2, 3),
  ],
  ...Object.fromEntries(
    [
      "regexMatch",
      "regexFind",
      "regexReplaceAll",
      "regexFindAll",
      "regexSplit",
      "regexReplaceAllLiteral",
    ]
      .flatMap((name) => [name, `must${name[0]?.toUpperCase()}${name.slice(1)}`])
      .map((name) => [
        name,
        [regex, subject, /Replace/.test(name) ? replacement : pick(-1, 0, 1, 2)],
      ]),
  ),
  ...{ semver: [version], semverCompare: [constraint, version] },
  urlParse: [url],
  ...Object.fromEntries(
    ["base", "dir", "clean", "ext", "isAbs", "osBase", "osDir", "osClean", "osExt", "osIsAbs"].map(
      (name) => [name, [path]],
    ),
  ),
  ...Object.fromEntries(
    ["snakecase", "camelcase", "kebabcase", "title", "untitle", "swapcase", "initials"].map(
      (name) => [name, [words]],
    ),
  ),
  wrap: [
    pick(1, 5, 8, 0),
    pick("the quick brown fox", "averyverylongword here", " lead and  double", "", "a b"),
  ],
  wrapWith: [
    pick(1, 5, 8),
    pick("|", "", "\n"),
    pick("the quick brown fox", "averyverylongword here", "a b"),
  ],
  ...{ base64Decode: [encoded], b64dec: [encoded], b32dec: [encoded] },
  plural: [text, text, pick(0, 1, 2)],
  ...{
    keys: [pick({ m: { a: 1 } }, { m: {} }), pick({ m: { b: 1 } })],
    values: [pick({ m: { a: 1 } }, { m: {} })],
  },
  dig: [pick("a", "list", "name"), pick("a", "b", "none"), pick("default"), nested],
  ...{
    typeIs: [pick("string", "int", "float64", "[]string", "bool"), anything],
    kindIs: [pick("string", "slice", "map", "int"), anything],
  },
  ...{ merge: each(nested), mergeOverwrite: each(nested) },
  join: [strings, pick(",", "", " | ")],
  split: [pick("a,b,c", "", "abc", "日本", "a,,b"), pick(",", "", "b", ",,")],
  replace: [
    pick("aaa", "banana", "", "日本"),
    pick("a", "an", "", "x"),
    pick("b", "", "$1"),
    pick(-1, 0, 1, 2),
  ],
  repeat: [pick(0, 1, 3, -1), text],
  ...{ indent: [pick(0, 2, 4), text], nindent: [pick(0, 2), text] },
  ...{ first: [list], last: [list], rest: [list], initial: [list], compact: [list], uniq: [list] },
  ...{
    sortAlpha: [list],
    toStrings: [list],
    append: [list],
    has: [simple, list],
    without: [list, simple, simple],
  },
  chunk: [pick(1, 2, 3), list],
  ...{
    until: [pick(0, 3, -3)],
    untilStep: [pick(0, 1, 5), pick(0, 4, 9, -4), pick(1, 2, -1, 0, -3)],
  },
};

function comparable(): Choice {
  const few = pick(
    1,
    2,
    "a",
    "b",
    "ﬁ",
    "😀",
    { f: 1 },
    { f: 1.5 },
    { l: 1 },
    { b: 1 },
    true,
    false,
    "",
  );
  return (random) => (random.below(4) > 0 ? few : anything)(random);
}

function list(random: Random): Wire {
  return random.pick<Choice>([
    strings,
    listOf(simple),
    pick({ i: [3, 1, 2] }),
    (r) => ({ k: pairs(r) }),
  ])(random);
}
