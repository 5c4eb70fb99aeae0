import type { GoFunction, GoFunctions } from "../../../../../lib/render/go/functions/define.ts";
import { anything, ofKind, type Random } from "./choices.ts";
import { domains } from "./domains.ts";
import { random as seeded } from "./random.ts";
import type { Wire } from "./wire.ts";

/** A call: the name of a function, and its arguments. */
export type Call = readonly [string, readonly Wire[]];

/** Calls of each function, the same for the same seed: mostly with what it takes, sometimes with other types, or too few. */
export function calls(functions: GoFunctions, seed: number): readonly Call[] {
  return Object.entries(functions)
    .filter(([name]) => !unanswered.has(name))
    .flatMap(([name, one]) => callsOf(name, one, seeded(`${seed} ${name}`)));
}

/** The functions whose result depends on the host or the clock, or comes from a name server. */
export const unanswered: ReadonlySet<string> = new Set([
  ...["lookupIP", "lookupIPV4", "lookupIPV6", "lookupSRV", "lookupIfaceIPV4", "lookupIfaceIPV6"],
  ...["hostname", "datetime", "fileExists"],
]);

/** The result is as large as an argument, or in Go in any order. */
const careful: ReadonlySet<string> = new Set([
  ...["until", "untilStep", "seq", "repeat", "indent", "nindent", "keys", "values"],
]);

function callsOf(name: string, one: GoFunction, random: Random): readonly Call[] {
  const all = Array.from({ length: countOf(name) }, (): Call => {
    return [name, changed(name, argumentsOf(name, one, random), random)];
  });
  return [...new Map(all.map((call) => [JSON.stringify(call), call])).values()];
}

const counts: Readonly<Record<string, number>> = {
  ...{ printf: 700, print: 60, println: 40, index: 150, slice: 120, len: 40, html: 40, js: 40 },
  ...{ eq: 160, ne: 60, lt: 100, le: 100, gt: 60, ge: 60, and: 40, or: 40, not: 20 },
  ...{ replace: 50, split: 30, gets: 60, getvs: 40, ls: 40, lsdir: 40, map: 40, dict: 40 },
  ...{ semverCompare: 300, semver: 40, regexFind: 150, regexReplaceAll: 250, regexMatch: 150 },
  ...{ regexFindAll: 150, regexSplit: 150, snakecase: 100, camelcase: 80, kebabcase: 40, wrap: 50 },
  ...{ toJson: 60, toPrettyJson: 40, int: 50, int64: 30, float64: 40, round: 60, divf: 40 },
  ...{ merge: 50, mergeOverwrite: 50, title: 40, swapcase: 40, call: 4 },
};

/** `toString` is the name of a function, too. */
function countOf(name: string): number {
  return 2 * ((Object.hasOwn(counts, name) ? counts[name] : undefined) ?? 24);
}

function argumentsOf(name: string, { signature }: GoFunction, random: Random): readonly Wire[] {
  const domain = Object.hasOwn(domains, name) ? domains[name] : undefined;
  if (domain) return domain(random);
  const { parameters, rest } = signature;
  const extra = Array.from({ length: rest ? random.below(3) : 0 }, () => rest);
  return [...parameters, ...extra].map((one) => (ofKind[one?.kind ?? "any"] ?? anything)(random));
}

/** One call in twelve has an argument of any kind, one in forty lacks the first. */
function changed(name: string, args: readonly Wire[], random: Random): readonly Wire[] {
  if (careful.has(name) || random.below(12) > 0) return args;
  if (random.below(4) === 0) return args.slice(1);
  const at = random.below(args.length);
  return args.map((one, i) => (i === at ? anything(random) : one));
}
