import { resultKind, rootKind, type ValueKind } from "../engine/kinds-of-values.ts";
import { goFunctions } from "./functions/all.ts";
import { internal } from "./lower/internal.ts";

/** A pair of a key and its value: an entry of the keyspace. */
const entry = { members: { Key: undefined, Value: undefined } } satisfies ValueKind;

const results: Readonly<Record<string, ValueKind>> = {
  get: entry,
  gets: { items: entry },
  services: rootKind && "members" in rootKind ? rootKind.members.services : undefined,
};

/** The kind of the result of a function, or of a helper that lowering inserts, by the kind of the first argument. */
export function goResultKind(helper: string, first: ValueKind): ValueKind {
  if (helper === internal.items) return first;
  return Object.hasOwn(results, helper) ? results[helper] : resultKind(helper, first);
}

/** The property that has a member of a kind; undefined if the kind has no such member. */
export function propertyOf(kind: ValueKind, member: string): string | undefined {
  if (!kind || !("members" in kind) || !Object.hasOwn(kind.members, member)) return undefined;
  return kind === entry ? member.toLowerCase() : member;
}

/** Whether the result of a function is true or false, whatever its arguments are. */
export function isBoolean(name: string): boolean {
  return Object.hasOwn(goFunctions, name) && goFunctions[name]?.signature.result === "bool";
}

/** The helpers that read members. */
export const memberReaders: ReadonlySet<string> = new Set([internal.field, internal.chain]);
