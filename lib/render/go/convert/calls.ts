import type { ValueKind } from "../../engine/kinds-of-values.ts";
import { goResultKind } from "../kinds.ts";
import { sidekickFunctions } from "../vocabulary.ts";
import { Kept } from "./kept.ts";
import type { Written } from "./scope.ts";

/** The functions that Handlebars templates have under the same name, with the same result. */
const same: ReadonlySet<string> = new Set([
  ...["getv", "get", "gets", "getvs", "exists", "ls", "lsdir", "getenv", "fileExists"],
  ...["base", "dir", "split", "join", "toUpper", "toLower", "contains", "trimSuffix"],
  ...["base64Encode", "base64Decode", "json", "jsonArray", "map", "parseBool", "atoi", "len"],
  ...["add", "sub", "mul", "div", "mod", "seq", "sortByLength", "sortKVByLength"],
  ...["eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"],
  ...["lookupIP", "lookupIPV4", "lookupIPV6"],
]);

/** Those whose result is a list in any case. */
const lists: ReadonlySet<string> = new Set([
  ...["gets", "getvs", "ls", "lsdir", "split", "jsonArray", "seq", "sortByLength", "instances"],
  ...["sortKVByLength", "reverse", "lookupIP", "lookupIPV4", "lookupIPV6", "weighted", "primary"],
  ...["backups", "resolved"],
]);

/** Those that read a key or a folder: without a slash at its beginning there is none in a Go template. */
const ofKeys: ReadonlySet<string> = new Set([
  ...["getv", "get", "gets", "getvs", "exists", "ls", "lsdir"],
]);

/** A call of a function of Go templates, in Handlebars. Throws Kept. */
export function callOf(at: number, name: string, args: readonly Written[]): Written {
  switch (name) {
    case "printf":
      return composed(at, printfParts(at, args));
    case "print":
      return composed(at, printParts(at, args));
    case "index":
      return indexed(args);
    case "replace":
      return call("replace", args[3]?.source === "-1" ? args.slice(0, 3) : args);
    case "reverse":
      return reversed(args);
    case "services":
      return {
        source: "@root.services",
        isCall: false,
        kind: goResultKind(name, undefined),
        isList: true,
      };
  }
  const [first] = args;
  if (ofKeys.has(name) && first?.literal !== undefined && !/^\/./.test(first.literal)) {
    throw new Kept(at, `${name} ${JSON.stringify(first.literal)} has another result in Handlebars`);
  }
  if (same.has(name) || Object.hasOwn(sidekickFunctions, name)) return call(name, args);
  throw new Kept(at, `Handlebars templates have no function ${name}`);
}

function call(name: string, args: readonly Written[]): Written {
  const source = [name, ...args.map(asArgument)].join(" ");
  const kind = goResultKind(name, args[0]?.kind);
  return { source, isCall: true, kind, isList: lists.has(name) };
}

export function asArgument({ source, isCall }: Written): string {
  return isCall ? `(${source})` : source;
}

export function lookup(value: Written, key: Written): Written {
  const items: ValueKind = value.kind && "items" in value.kind ? value.kind.items : undefined;
  const source = `lookup ${asArgument(value)} ${asArgument(key)}`;
  return { source, isCall: true, kind: items, isList: false };
}

function indexed([value, ...keys]: readonly Written[]): Written {
  return keys.reduce<Written>(lookup, value as Written);
}

/** The result of gets is not reversed in a Go template. */
function reversed(args: readonly Written[]): Written {
  const [list] = args;
  return list?.source.startsWith("gets ") ? list : call("reverse", args);
}

/** A string, as Handlebars reads it. */
export function literalOf(text: string): Written {
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r");
  return { source: `"${escaped}"`, isCall: false, kind: undefined, isList: false, literal: text };
}

function composed(at: number, given: readonly Written[]): Written {
  const parts = given.filter((part) => part.literal !== "");
  const [only] = parts;
  if (!only) return literalOf("");
  if (parts.length === 1 && only.literal !== undefined) return only;
  if (given.length === 0) throw new Kept(at, "it prints nothing");
  return { ...call("concat", parts), parts };
}

/** The texts and arguments of a format with `%s`, `%d` and `%v` alone. */
function printfParts(at: number, [format, ...args]: readonly Written[]): readonly Written[] {
  const text = format?.literal;
  const [foreign] = /%(?![sdv%]).{0,5}/.exec(text?.replaceAll("%%", "") ?? "%") ?? [];
  if (text === undefined || foreign !== undefined) {
    const which = text === undefined ? "a format of its own" : JSON.stringify(text);
    throw new Kept(at, `printf with ${which} has no counterpart in Handlebars`);
  }
  const rest = [...args];
  const parts = text.split(/(%.)/).flatMap((part): Written[] => {
    if (part === "%%") return [literalOf("%")];
    if (!/^%.$/.test(part)) return [literalOf(part)];
    const next = rest.shift();
    if (!next) throw new Kept(at, "printf has too few arguments");
    return [next];
  });
  if (rest.length > 0) throw new Kept(at, "printf has too many arguments");
  return parts;
}

/** Go writes a space between two values if neither is a string: which they are is only known of the template's own strings. */
function printParts(at: number, args: readonly Written[]): readonly Written[] {
  const isKnown = args.every(
    (one, i) => i === 0 || one.literal !== undefined || args[i - 1]?.literal !== undefined,
  );
  if (isKnown) return args;
  throw new Kept(at, "print writes spaces between values that are no strings");
}
