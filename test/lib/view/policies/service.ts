import type { Endpoint, Pool } from "../../../../lib/model/pool.ts";
import { applyPolicy } from "../../../../lib/view/policies/apply.ts";
import type { Circumstances, Policy, Shaped } from "../../../../lib/view/policies/contract.ts";
import { oneOf } from "../../../support/random.ts";

/** An instance by its number. */
export function instance(
  n: number,
  { weight = 1, labels = {}, ...more }: Partial<Endpoint> = {},
): Endpoint {
  const [host, port] = [`10.0.${Math.floor(n / 250)}.${n % 250}`, 80];
  const address = `${host}:${port}`;
  const id = `i${String(n).padStart(5, "0")}`;
  const [key, server] = [`/services/web/${id}`, `s${n}`];
  return {
    ...{ host, port, address, id, key, server, weight, labels },
    name: id,
    service: "web",
    ...more,
  };
}

/** So many instances from a number on, with these labels. */
export function several(
  count: number,
  labels: Readonly<Record<string, string>> = {},
  { from = 0, ...more }: Partial<Endpoint> & { readonly from?: number } = {},
): readonly Endpoint[] {
  return Array.from({ length: count }, (_, i) => instance(from + i, { labels, ...more }));
}

export function pool(...instances: readonly Endpoint[]): Pool {
  return { name: "web", instances: instances.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
}

export const calm: Circumstances = { place: undefined, quarantined: new Set(), ramps: new Map() };

export function shape(
  of: Pool,
  policy: Policy,
  circumstances: Partial<Circumstances> = {},
  before?: Shaped,
): Shaped {
  const shaped = applyPolicy(of, policy, { ...calm, ...circumstances }, before);
  if (!shaped) throw new Error("nothing is shaped");
  return shaped;
}

/** The share of all requests that the instances with a property get. */
export function shareOf({ pool }: Shaped, isOne: (endpoint: Endpoint) => boolean): number {
  const total = pool.instances.reduce((all, { weight }) => all + weight, 0);
  const some = pool.instances.filter(isOne).reduce((all, { weight }) => all + weight, 0);
  return some / total;
}

/** A service of a few instances, in few zones and versions; some drain, some are retained. */
export function anyPool(random: () => number): Pool {
  const count = 1 + Math.floor(random() * 40);
  const highest = oneOf([1, 1, 10, 256], random);
  const all = Array.from({ length: count }, (_, n) => {
    const labels = {
      zone: oneOf(["a", "b", "c"], random),
      version: oneOf(["1", "1", "2"], random),
    };
    const weight = random() < 0.1 ? 0 : 1 + Math.floor(random() * highest);
    return instance(n, { weight, labels, ...(random() < 0.1 && { retained: true as const }) });
  });
  return pool(...all);
}
