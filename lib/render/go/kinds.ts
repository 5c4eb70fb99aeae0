import { resultKind, rootKind, type ValueKind } from "../engine/kinds-of-values.ts";
import { internal } from "./lower/internal.ts";

const entry: ValueKind = { members: { Key: undefined, Value: undefined } };

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

/** The helpers that read members. */
export const memberReaders: ReadonlySet<string> = new Set([internal.field, internal.chain]);
