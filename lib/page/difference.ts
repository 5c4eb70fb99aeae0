import { printableText } from "../base/printable.ts";
import type { PageElement, Part } from "./contract.ts";

/** A part in an event: text, or `[tag, attributes, …parts]`. */
export type Wire = string | readonly (string | object)[];

/**
 * How a child of the new tree comes from the children of the previous one: `[from, count]` keeps a run of them, `[from,
 * attributes, changes]` changes one (null keeps its attributes), and `{ new }` is another one. The others are removed.
 */
export type Change =
  | readonly [from: number, count: number]
  | readonly [from: number, attributes: object | null, changes: readonly Change[]]
  | { readonly new: Wire };

/** A part as an event has it. */
export function wire(part: Part): Wire {
  if (typeof part === "string") return printableText(part);
  return [part.tag, part.attributes, ...part.parts.map(wire)];
}

/** The children of `next`, made of the ones of `previous`: rows that did not change cost nothing. */
export function changes(previous: PageElement, next: PageElement): readonly Change[] {
  const places = placesOf(previous.parts);
  const found: Change[] = [];
  let run: [from: number, count: number] | undefined;
  next.parts.forEach((part, i) => {
    const place = placeOf(part, i);
    const from = places.get(place);
    // Each is used once, whatever keys two siblings have.
    places.delete(place);
    const before = from === undefined ? undefined : previous.parts[from];
    const change =
      from === undefined || before === undefined ? made(part) : changed(from, before, part);
    if (change !== undefined) {
      run = undefined;
      found.push(change);
    } else if (run && from === run[0] + run[1]) run[1] += 1;
    else {
      run = [from ?? 0, 1];
      found.push(run);
    }
  });
  return found;
}

/** Undefined if both are equal. */
function changed(from: number, before: Part, part: Part): Change | undefined {
  if (before === part) return undefined;
  if (typeof before === "string" || typeof part === "string" || before.tag !== part.tag) {
    return made(part);
  }
  const inner = changes(before, part);
  const isKept = isSame(inner, before.parts.length);
  const attributes = isEqual(before.attributes, part.attributes) ? null : part.attributes;
  return isKept && attributes === null ? undefined : [from, attributes, inner];
}

function made(part: Part): Change {
  return { new: wire(part) };
}

/** Whether all children are kept as they are. */
function isSame(inner: readonly Change[], count: number): boolean {
  if (count === 0) return inner.length === 0;
  const [only] = inner;
  return inner.length === 1 && Array.isArray(only) && only.length === 2 && only[1] === count;
}

function isEqual(one: object, other: object): boolean {
  const [a, b] = [Object.entries(one), Object.entries(other)];
  return (
    a.length === b.length &&
    a.every(([name, value], i) => b[i]?.[0] === name && b[i]?.[1] === value)
  );
}

function placesOf(parts: readonly Part[]): Map<string, number> {
  return new Map(parts.map((part, i) => [placeOf(part, i), i]));
}

/** By its key; without one, by its place. */
function placeOf(part: Part, i: number): string {
  const key = typeof part === "string" ? undefined : part.key;
  return key === undefined ? `#${i}` : `=${key}`;
}
