import type { random as seeded } from "./random.ts";
import type { Wire } from "./wire.ts";

export type Random = ReturnType<typeof seeded>;

/** Picks a value at random. */
export type Choice = (random: Random) => Wire;

export function pick(...values: readonly Wire[]): Choice {
  return (random) => random.pick(values);
}

/** One of the texts, which are separated by line breaks. `␤` stands for a line break in a text. */
export function texts(list: string): Choice {
  return pick(...list.split("\n").map((one) => one.replaceAll("␤", "\n")));
}

export function oneOf(...choices: readonly Choice[]): Choice {
  return (random) => random.pick(choices)(random);
}

export function listOf(item: Choice, max = 5): Choice {
  return (random) => Array.from({ length: random.below(max) }, () => item(random));
}

/** Parts at random, joined. */
export function joined(part: Choice, max: number, separator = ""): (random: Random) => string {
  return (random) =>
    Array.from({ length: 1 + random.below(max) }, () => part(random)).join(separator);
}

const plain = texts(`
a
abc
web-1
/services/web/1
10.0.0.1:8080
straße
ÄÖü
日本語
a😀b
 x${" "}
a,b,c
1
42
-7
3.14
true
<b>&'"
line1␤line2
a%20b?c=d
Hello World
HTTPServer20x
foo_bar-baz qux
\u0000\u0007\t
ǆabc
\ufeff\u00a0
\\d+`);

const characters = texts("a\nB\n0\n \n-\n_\n.\n/\nß\nÅ\n日\n😀\n'\n\"\n<\n␤\n\u2028\n\u00ad");

export const text: Choice = oneOf(plain, plain, plain, joined(characters, 6));

export const integer = pick(0, 1, 2, 3, 5, -1, -7, 10, 42, 100, 65, 8364, 128512, 1_000_000);

const floats = [0, 1, 1.5, -2.5, 0.1, 1e6, 1e21, 1e-5, 123456789, 3.25, 0.5, 2.675, 1e-7, 100];

export const float: Choice = (random) => ({ f: random.pick(floats) });

export const boolean = pick(true, false);

export const simple: Choice = oneOf(text, text, integer, float, boolean, pick(null));

export const strings: Choice = (random) => ({ s: listOf(text)(random) });

function pairs(random: Random): Wire {
  const one = () => [random.pick(["/a", "/bb", "/services/web/1", "/ß"]), text(random)];
  return Array.from({ length: random.below(4) }, one) as Wire;
}

export const keyName = pick("a", "b", "key", "Z", "ﬁ", "😀", "0");

export const map: Choice = (random) => {
  const members = Array.from({ length: random.below(5) }, () => [keyName(random), simple(random)]);
  return { m: Object.fromEntries(members) };
};

export const nested: Choice = (random) => ({
  m: { a: map(random), list: listOf(simple)(random), name: text(random) },
});

export const entries: Choice = (random) => ({ [random.pick(["k", "p"])]: pairs(random) });

export const list: Choice = oneOf(
  strings,
  listOf(simple),
  listOf(pick("a", "b", 1, { f: 1 }, true, null, ""), 7),
  pick({ i: [3, 1, 2] }),
  entries,
);

export const anything: Choice = oneOf(
  ...[text, text, integer, float, boolean, pick(null), listOf(simple), strings, map, nested],
  entries,
  pick(
    { e: ["/a", "x"] },
    { l: 3 },
    { l: -5 },
    { b: 65 },
    { i: [1, 2, 3] },
    { t: { a: "x", b: "" } },
  ),
);

/** By the kind of a parameter. */
export const ofKind: Readonly<Record<string, Choice>> = {
  any: anything,
  string: text,
  bool: boolean,
  int: pick(0, 1, 2, 3, 5, 8, -1, -3, 12),
  float64: float,
  "map[string]interface {}": oneOf(map, map, nested),
  "[]string": strings,
  "[]interface {}": listOf(simple),
  "[]memkv.KVPair": entries,
};
