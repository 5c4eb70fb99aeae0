import { helpers } from "../../lib/render/helpers/all.ts";
import { oneOf } from "../support/random.ts";

type Random = () => number;

/** Names of members, of variables and of nothing, and names that every JavaScript object has. */
const names = [
  ...["a", "b", "x", "name", "key", "value", "host", "labels", "instances", "address", "length"],
  ...["0", "1", "constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"],
];

const strings = ["/j/1", "/j/*", "/j", "/services/web", "web", "a", "", "1", "[", "**", "\u0000"];

/** Random JSON, nested at most `depth` deep: the same member is a string here, and a list or an object there. */
export function randomJson(random: Random, depth = 4): unknown {
  const kind = Math.floor(random() * (depth > 0 ? 9 : 6));
  const size = Math.floor(random() * 4);
  const inner = () => randomJson(random, depth - 1);
  if (kind <= 2) return oneOf(["a", "b", "", "10.0.0.1", "a b", "x;y", '"', "\n", "1"], random);
  if (kind === 3) return oneOf([0, 1, -1, 1.5, 1e300, 2 ** 60, 80], random);
  if (kind === 4) return oneOf([true, false, null], random);
  if (kind === 5) return "x".repeat(size * 100);
  if (kind === 6) return Array.from({ length: size }, inner);
  return Object.fromEntries(
    Array.from({ length: size + 1 }, () => [oneOf(names, random), inner()]),
  );
}

/** A random template, most often one that compiles. */
export function randomTemplate(random: Random): string {
  const text = statements(random, 3);
  return random() < 0.2 ? damaged(text, random) : text;
}

/** A template with an error, at a random place. */
function damaged(text: string, random: Random): string {
  const at = Math.floor(random() * text.length);
  const pieces = ["{{", "}}", "{{/each}}", "{{else}}", "{", ")", "../", "|", '"', "~", "{{{{a}}}}"];
  const calls = ["{{if a}}", "{{#eq a b}}{{/eq}}", "{{unknown a}}", "{{> p a b}}", "{{> r}}"];
  const piece = oneOf([...pieces, ...calls], random);
  return text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));
}

function statements(random: Random, depth: number): string {
  const length = 1 + Math.floor(random() * 2);
  const separator = oneOf(["", " ", "\n"], random);
  return Array.from({ length }, () => statement(random, depth)).join(separator);
}

function statement(random: Random, depth: number): string {
  const kind = Math.floor(random() * (depth > 0 ? 10 : 5));
  const optional = path(random);
  if (kind <= 1) return `{{#if ${optional}}}{{${optional}}}{{/if}}`;
  if (kind === 2) return oneOf([`{{${path(random)}}}`, `{{{${path(random)}}}}`], random);
  if (kind === 3) return `{{${call(random, 2)}}}`;
  if (kind === 4) return oneOf(["text", "{{! note }}", "\\{{x}}", "{{this}}", "{{@key}}"], random);
  return kind === 5 ? partial(random) : block(random, depth);
}

function partial(random: Random): string {
  const context = oneOf(["", "this", expression(random, 2)], random);
  const named = oneOf(["", "", ` a=${expression(random, 1)}`], random);
  return `{{> ${oneOf(["p", "q"], random)} ${context}${named}}}`;
}

function block(random: Random, depth: number): string {
  const name = oneOf(["each", "each", "each", "with", "with", "if", "unless"], random);
  const parameters = oneOf(["", "", " as |x|", " as |value i|"], random);
  const inner = statements(random, depth - 1);
  const open = `${name} ${expression(random, 2)}${parameters}`;
  if (random() < 0.1) return `{{^${open}}}${inner}{{/${name}}}`;
  const start = oneOf(["{{else}}", "{{^}}", "{{else with b}}"], random);
  const otherwise = random() < 0.3 ? start + statements(random, depth - 1) : "";
  return `{{#${open}}}${inner}${otherwise}{{/${name}}}`;
}

/** Lists and objects of the keyspace. */
const sources = [
  ...['json (getv "/j/1")', 'jsonArray (getv "/j/2")', "json value", "json this"],
  ...[
    'gets "/j/*"',
    'getvs "/j/*"',
    'ls "/j"',
    'instances "web"',
    'reverse (getvs "/j/*")',
    'join (getvs "/j/*") ","',
  ],
];

function expression(random: Random, depth: number): string {
  const kind = Math.floor(random() * 10);
  if (kind <= 3 || depth === 0) return path(random);
  if (kind === 4) return oneOf(["1", "0", "-1", "true", "null", "undefined", "100"], random);
  if (kind === 5) return `"${oneOf(strings, random)}"`;
  return `(${kind <= 8 ? oneOf(sources, random) : call(random, depth - 1)})`;
}

/** A call of a helper, most often with as many arguments as it takes. */
function call(random: Random, depth: number): string {
  const usages = [...Object.values(helpers).map(({ usage }) => usage), "lookup a b", "lookup a b"];
  const [name = "", ...parameters] = oneOf(usages, random).split(" ");
  const count = parameters.length + (random() < 0.1 ? 1 : 0);
  return [name, ...Array.from({ length: count }, () => expression(random, depth))].join(" ");
}

function path(random: Random): string {
  const data = ["@index", "@key", "@first", "@root", "@../index", "@x"];
  const whole = ["this", "..", "../..", "services", "x", "value", oneOf(data, random)];
  if (random() < 0.3) return oneOf(whole, random);
  const start = oneOf(["", "", "", "../", "../../", "@root.", "this.", "./"], random);
  const parts = Array.from({ length: 1 + Math.floor(random() * 2) }, () => oneOf(names, random));
  return start + parts.join(".");
}
