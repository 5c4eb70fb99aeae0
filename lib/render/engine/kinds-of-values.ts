import type { Entry } from "../../model/entry.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";

/** The members of a value that are known before there is one, or those of its items. Undefined if nothing is known. */
export type ValueKind =
  | { readonly members: Readonly<Record<string, ValueKind>> }
  | { readonly items: ValueKind }
  | undefined;

const entry: ValueKind = {
  members: {
    key: undefined,
    value: undefined,
    revision: undefined,
    owner: undefined,
  } satisfies Record<keyof Entry, ValueKind>,
};

const atAddress = {
  ...{ host: undefined, port: undefined, service: undefined, id: undefined, key: undefined },
  ...{ address: undefined, server: undefined, name: undefined, weight: undefined },
  ...{ labels: undefined, extras: undefined, retained: undefined },
} satisfies Record<keyof Omit<Endpoint, "resolved">, ValueKind>;

const instance: ValueKind = {
  members: {
    ...atAddress,
    resolved: { items: { members: atAddress } },
  } satisfies Record<keyof Endpoint, ValueKind>,
};

const service: ValueKind = {
  members: {
    name: undefined,
    instances: { items: instance },
    unserved: { items: instance },
    retained: undefined,
  } satisfies Record<keyof Pool, ValueKind>,
};

/** The context of a template. */
export const rootKind: ValueKind = { members: { services: { items: service } } };

const results: Readonly<Record<string, ValueKind>> = {
  get: entry,
  gets: { items: entry },
  instances: { items: instance },
};

/** The helpers whose result has the items of their first argument. */
const passing: ReadonlySet<string> = new Set([
  ...["reverse", "weighted", "primary", "backups", "resolved", "sortKVByLength"],
]);

export function resultKind(helper: string, first: ValueKind): ValueKind {
  if (passing.has(helper)) return first;
  if (helper === "lookup") return first && "items" in first ? first.items : undefined;
  return Object.hasOwn(results, helper) ? results[helper] : undefined;
}
