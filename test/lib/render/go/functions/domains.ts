import {
  anything,
  boolean,
  type Choice,
  entries,
  float,
  integer,
  joined,
  keyName,
  list,
  listOf,
  map,
  nested,
  oneOf,
  pick,
  type Random,
  simple,
  strings,
  text,
  texts,
} from "./choices.ts";
import type { Wire } from "./wire.ts";

/** Chooses all arguments of a call. */
export type Arguments = (random: Random) => readonly Wire[];

function each(...choices: readonly Choice[]): Arguments {
  return (random) => choices.map((choice) => choice(random));
}

/** From one to `max` arguments. */
function some(choice: Choice, max = 4): Arguments {
  return (random) => Array.from({ length: 1 + random.below(max) }, () => choice(random));
}

function named(names: string, args: Arguments): Readonly<Record<string, Arguments>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, args]));
}

/** A function, and the same with `must`. */
function both(names: string, args: Arguments): Readonly<Record<string, Arguments>> {
  const must = (name: string) => `must${name[0]?.toUpperCase()}${name.slice(1)}`;
  return named(
    names
      .split(" ")
      .flatMap((name) => [name, must(name)])
      .join(" "),
    args,
  );
}

/** Values of one kind, so that they can be compared; sometimes one that cannot. */
function comparable(random: Random): readonly Wire[] {
  const kind = random.pick([
    pick(1, 2, -1, { l: 1 }, { l: 2 }, { b: 1 }),
    texts("a\nb\nﬁ\n😀\n\nab"),
    pick({ f: 1 }, { f: 1.5 }, { f: -2 }),
    boolean,
    pick(null),
    anything,
  ]);
  const one = () => (random.below(12) === 0 ? anything : kind)(random);
  return Array.from({ length: 2 + (random.below(4) === 0 ? random.below(3) : 0) }, one);
}

const numeric = oneOf(
  integer,
  float,
  texts("12\n0x1F\n1.50\n1e3\n010\n2.0\nx\n-4\n1_000\n0b11\n\n+7"),
  pick({ l: 7 }, true, null),
);

const key = texts(
  "/app/name\n/app/port\n/app/empty\n/app/none\n/app/db\napp/name\n/services/web\n\n/\n/top\n/app/😀",
);

const folder = texts(
  "/app\n/app/\n/app/db\n/\n\napp\n/services\n/services/web\n/services/web/\n/services/web-2\n/none\n/top\n/services/web/1",
);

const glob = texts(String.raw`/app/*
/app/db/ports/?
/*
*
/services/*/*
/app/[a-n]*
/app/[^a-n]*
app/*
/services/web
/**
/app/db/ports/[ab]
/app/[
/none/*
/services/web\-2/*

/app/p?rt
/*/*/*
/app/{name,port}
\/app/*
/app/[]
/app/*e*`);

const json = texts(String.raw`{"a":1,"b":[1,2.5,null],"c":{"d":"x"}}
{}
[]
[1,"two",true,null,{"k":1e6}]
null

{
{"a":}
{"n":21000000,"m":1e-7,"x":-0}
{"s":"\u00e4\ud83d\ude00\ud800"}
["a"
12
"text"
{"a":1}{
 [1]${" "}
{"z":1,"a":2,"ﬁ":3,"😀":4}
{"a":1,"a":2}
[[1],[2,[3]]]
true
[01]
["	"]
[9007199254740993,1E2,0.1]`);

const format: Choice = (random) => {
  if (random.below(12) === 0) {
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
      "%[1]*d",
      "%[2]*[1]d",
      "%[",
      "%.[1]*f",
    ]);
  }
  const flags = random.pick(["", "", "", "", "-", "+", "#", " ", "0", "+0", "-0", "# ", "+#"]);
  const width = random.pick(["", "", "", "1", "5", "8", "12"]);
  const precision = random.pick(["", "", "", ".", ".0", ".1", ".3", ".10"]);
  return `%${flags}${width}${precision}${random.pick([..."vvvvvdddsssqqxXboOcUefgGETt"])}`;
};

const regexPart = texts(String.raw`a
b
\d
\w
\s
.
[a-c]
[^b1]
[[:alpha:]]
(a|b)
(ab?)
(?:b|1)
\b
^
$
(?i:B)
-
\pL
[\d\-]
\.
|`);

const repetition = texts("\n\n\n*\n+\n?\n*?\n+?\n{2}\n{1,2}");

const sequence = joined((random) => `${regexPart(random)}${repetition(random)}`, 3);

/** Groups in groups, which may match nothing, and are repeated. */
const nestedRegex: Choice = (random) => {
  const inner = (): string =>
    random.below(3) > 0 ? sequence(random) : String(nestedRegex(random));
  const start = random.pick(["(", "(", "(?:"]);
  const choice = random.pick(["", "|", `|${inner()}`]);
  return `${start}${inner()}${choice})${repetition(random)}${random.pick(["", sequence(random)])}`;
};

const builtRegex = oneOf(sequence, sequence, nestedRegex);

const regex = oneOf(
  builtRegex,
  texts(String.raw`a*
(\w)(\d)?
^a|b$
(?i)HELLO
(?P<n>[a-z]+)-(\d)
[^,]+
\bw
\p{Greek}
(?s)a.b
(?m)^l.*$
a{2,3}
(a|ab)(c|bcd)?
[
(
a**
\Q.+\E
\x41|\x{1F600}
(?:10)\.
\z
[[:^digit:]]
(?U)a+
a(?=b)
\1

ß
a(?i)b|c
[]a]
x{1001}
(?P<n>a)(?P<n>b)
\C`),
);

const subject = oneOf(
  texts(
    "abc\nweb-1 web-2\nHello, hello\na1b2\naaa\n\nline1␤line2␤l\n10.0.0.1\n日本 straße\nαβγ\nabcd\nx.+y\nA😀\na␤b",
  ),
  joined(texts("a\nb\n1\n-\nB\n.\n \n␤"), 7),
);

const replacement = texts("x\n\n[$0]\n\u0024{1}-$2\n$1x\n$n\n\u0024{n}_\n$$\n$\n\u0024{\n\\0\né");

const version = texts(
  "1.2.3\nv1.2\n1\n2.0.0-beta.1\n1.2.3+build\n0.2.5\n0.0.3\n1.10.0\nx\n\n1.2.3-alpha\n1.2.3.4\n01.2.3\n1.2.3-01\n10.0.0-rc.1+b.2\n0.3\n2\n0\n1.2.9",
);

const constraintPart: Choice = (random) =>
  random.pick(["", "=", "!=", ">", "<", ">=", "<=", "=>", "=<", "~", "~>", "^"]) +
  random.pick(["", "", " "]) +
  random.pick([
    "1.2.3",
    "1.2",
    "1",
    "0.2.3",
    "0.0.3",
    "0",
    "0.0",
    "2.0.0-beta",
    "1.x",
    "1.2.*",
    "*",
    "v1.2.3",
    "0.2",
    "1.2.3-alpha",
    "X",
  ]);

const constraint = oneOf(
  constraintPart,
  constraintPart,
  joined(constraintPart, 2, ", "),
  joined(constraintPart, 2, " || "),
  texts("\n1.2 - 1.4.5\nfoo\n> 1.2 <2\n1.2.3,\n^1.2.3.4\n||\n1 || "),
);

const path = texts(
  "/a/b/../c\na//b\n\n/\na/b.tar.gz\n.hidden\na/\n../x\n./a\n/a/./b/\na.b/c\n//\n/..\n...\na/..",
);

const words = oneOf(
  texts(
    "HelloWorld\nHTTPServer\nhttp_server\nsome words\nfoo-bar_baz\n_leading__under_\nHTTP2xx\nHTTP20xOK\nDuration2m3s\nBld4Floor3rd\na\nA\n\n_\na1\nABC\nx9Y\nGo 1.19, now!\nÄpfelUndÖl\n日本Go\nA1B2\n1a\n--\ndon't\na_\nstraße Änd\nab12",
  ),
  joined(texts("a\nB\n1\n_\n-\n \n.\nÄ\nß\n日\nz\nQ"), 8),
);

const encoded = texts(
  "YWJj\nYQ==\nYQ=\nYQ\n!\nw6Q=\nMFRGG===\nME======\nME\n\nYW␤Jj\n/w==\nYQ==YQ==\nY===\nYR==\nM1======\nMFRA====\nYWI=",
);

const number = texts(
  "1\n007\n+5\n-12\n1.0\n\nx\n9007199254740991\n12 \n0x10\ntrue\nT\nf\nFalse\nyes\n1e3\n-",
);

/** The functions whose arguments are chosen with more care than by their types. */
export const domains: Readonly<Record<string, Arguments>> = {
  ...named("get exists", each(key)),
  getv: either(each(key), each(key, text)),
  ...named("ls lsdir", each(folder)),
  ...named("gets getvs", each(glob)),
  ...named("json jsonArray fromJson mustFromJson", each(json)),
  printf: (random) => {
    const whole = joined(format, 3, random.pick(["", " ", "|"]))(random);
    // A width should not be a million.
    const value = whole.includes("*") ? oneOf(pick(0, 3, -5, 7), text, float) : anything;
    return [whole, ...Array.from({ length: random.below(5) }, () => value(random))];
  },
  ...named("atoi parseBool", each(number)),
  getenv: either(
    each(texts("GO_HOME\nGO_EMPTY\nGO_NONE")),
    each(texts("GO_HOME\nGO_EMPTY\nGO_NONE"), text),
  ),
  env: each(texts("GO_HOME\nGO_NONE")),
  expandenv: each(texts("$GO_HOME/x\n\u0024{GO_HOME}y\n$GO_NONE.\na\n$GO_HOMEx")),
  ...named("int int64 float64 toDecimal floor ceil add1 add1f", each(numeric)),
  ...named("max min biggest maxf minf addf subf mulf divf", some(numeric)),
  round: either(
    each(numeric, pick(0, 1, 2, 3, -1)),
    each(numeric, pick(0, 1), pick({ f: 0.5 }, { f: 0.1 })),
  ),
  ...named("eq ne lt le gt ge", comparable),
  index: (random) => [
    oneOf(
      strings,
      listOf(simple),
      map,
      nested,
      text,
      pick({ i: [1, 2] }, { t: { a: "x" } }),
    )(random),
    ...(listOf(pick(0, 1, 2, 4, "a", "list", "name", { l: 1 }, "b"), 3)(random) as Wire[]),
  ],
  slice: (random) => [
    oneOf(strings, listOf(simple), text)(random),
    ...(listOf(pick(0, 1, 2, 3, 4), 4)(random) as Wire[]),
  ],
  len: each(oneOf(list, map, text, anything)),
  ...both("regexFind", each(regex, subject)),
  ...named("regexMatch mustRegexMatch", each(regex, subject)),
  ...both("regexReplaceAll regexReplaceAllLiteral", each(regex, subject, replacement)),
  ...both("regexFindAll regexSplit", each(regex, subject, pick(-1, -1, 0, 1, 2))),
  semver: each(version),
  semverCompare: each(constraint, version),
  ...named("base dir clean ext isAbs osBase osDir osClean osExt osIsAbs", each(path)),
  ...named("snakecase camelcase kebabcase title untitle swapcase initials", each(words)),
  wrap: each(pick(1, 5, 8, 0), joined(texts("the\nquick\na\n\nextraordinary"), 5, " ")),
  wrapWith: each(
    pick(1, 5, 8),
    texts("|\n\n␤"),
    joined(texts("the\nquick\na\n\nextraordinary"), 5, " "),
  ),
  ...named("base64Decode b64dec b32dec", each(encoded)),
  plural: each(text, text, pick(0, 1, 2)),
  // In Go their order is any.
  ...named("keys values", each(pick({ m: { a: 1 } }, { m: {} }, { m: { b: "x" } }))),
  dig: either(
    each(texts("a\nlist\nname"), pick("default", 0), nested),
    each(pick("a"), keyName, pick("default", 0), nested),
  ),

  ...named("hasKey unset", each(map, keyName)),
  set: each(map, keyName, simple),
  ...named("pick omit", each(map, keyName, keyName)),
  pluck: each(keyName, map, map),
  map: either(
    each(keyName, simple),
    each(keyName, simple, keyName, anything),
    each(simple, simple),
    each(keyName),
  ),
  dict: either(each(keyName, simple), each(keyName, simple, anything), each(simple, simple)),
  typeIs: each(texts("string\nint\nfloat64\n[]string\nbool\n[]interface {}"), anything),
  typeIsLike: each(texts("string\nint\nfloat64\n[]string\nbool"), anything),
  kindIs: each(texts("string\nslice\nmap\nint\nbool\nfloat64"), anything),
  deepEqual: comparable,
  ...both("merge mergeOverwrite", each(nested, nested)),
  ...named("hasPrefix trimPrefix", each(texts("a\nweb\n/\nstra\nH"), text)),
  ...named("hasSuffix", each(texts("c\n1\nße\nd"), text)),
  ...named("trimall trimAll", each(texts("a\n/ x\n日語\n\n.0"), text)),
  contains: each(text, texts("a\n/\nß\n\no W")),
  trimSuffix: each(text, texts("c\n1\nße\n\n0")),
  substr: each(pick(0, 1, 2, 3, -1), pick(-1, 2, 5, 100), text),
  trunc: each(pick(0, 1, 3, 5, -1, -3), text),
  abbrev: each(pick(3, 4, 5, 8, 12), text),
  abbrevboth: each(pick(0, 1, 5, 8), pick(3, 6, 8, 12), joined(text, 3)),
  join: each(strings, texts(",\n\n | ")),
  ...named("split", each(texts("a,b,c\n\nabc\n日本\na,,b"), texts(",\n\nb\n,,"))),
  splitn: each(texts(",\n\nb"), pick(-1, 0, 1, 2), texts("a,b,c\n\nabc\n日本")),
  splitList: each(texts(",\n\nb\n,,"), texts("a,b,c\n\nabc\n日本\na,,b")),
  replace: each(
    texts("aaa\nbanana\n\n日本"),
    texts("a\nan\n\nx"),
    texts("b\n\n$1"),
    pick(-1, 0, 1, 2),
  ),
  repeat: each(pick(0, 1, 3, -1), text),
  ...named("indent nindent", each(pick(0, 2, 4), text)),
  ...both("first last rest initial compact uniq", each(list)),
  ...named("mustReverse reverse sortAlpha toStrings", each(list)),
  ...named("sortByLength", each(strings)),
  sortKVByLength: each(entries),
  ...both("append push prepend", each(list, simple)),
  ...both("has", each(pick("a", 1, { f: 1 }, true, null), list)),
  ...both("without", each(list, pick("a", 1, null), pick("b", { f: 1 }))),
  ...both("chunk", each(pick(1, 2, 3), list)),
  mustSlice: either(each(list), each(list, pick(0, 1, 2)), each(list, pick(0, 1), pick(1, 2, 3))),
  concat: some(list, 3),
  until: each(pick(0, 3, -3, 5)),
  untilStep: each(pick(0, 1, 5), pick(0, 4, 9, -4), pick(1, 2, -1, 0, -3)),
  seq: each(pick(0, 1, -2, 5), pick(0, 3, 5, 9)),
  ...named("add sub mul div mod", each(pick(0, 1, 7, -7, 12, 100), pick(0, 1, 2, -2, 3, 7))),
  default: either(each(simple, anything), each(simple)),
  ...named(
    "toJson mustToJson toPrettyJson mustToPrettyJson toRawJson mustToRawJson",
    each(oneOf(nested, map, list, anything)),
  ),
  ternary: each(simple, simple, boolean),
};

function either(...choices: readonly Arguments[]): Arguments {
  return (random) => random.pick(choices)(random);
}
