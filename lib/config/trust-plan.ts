import type { TrustRules } from "../view/trust/contract.ts";
import type { Config } from "./schema.ts";

type TrustConfig = NonNullable<NonNullable<Config["watch"]>["trust"]>;

/** Settings that are left out are absent. */
export function trustOf(
  { services, keys, otherwise }: TrustConfig,
  mounted: readonly string[],
): TrustRules {
  const rules = Object.entries(services).map(([name, { hosts, ports, names }]) => [
    name,
    { ...(hosts && { hosts }), ...(ports && { ports }), ...(names && { names }) },
  ]);
  const known = Object.entries(keys).map(([name, { hosts, ...key }]) => [
    name,
    { ...key, ...(hosts && { hosts }) },
  ]);
  const named = { services: Object.fromEntries(rules), keys: Object.fromEntries(known) };
  return { ...named, mounted, otherwise };
}
