import type { Canary, Counts, Portion } from "./contract.ts";
import { percent, portionOf, sum } from "./portions.ts";

/** Whether an instance is one of those that get the share. */
export function isCanary({ endpoint }: Portion, { label, value }: Canary): boolean {
  return Object.hasOwn(endpoint.labels, label) && endpoint.labels[label] === value;
}

/**
 * Gives the canaries their share of the requests, and the others the rest, however many both are. Either are alone if none of the
 * others counts.
 */
export function splitCanary(
  canaries: readonly Portion[],
  others: readonly Portion[],
  { label, value, share }: Canary,
  counts: Counts,
): readonly Portion[] {
  const name = `canary ${label}=${value}`;
  const isThere = (some: readonly Portion[]) => some.some(({ endpoint }) => counts(endpoint));
  const areBoth = isThere(canaries) && isThere(others);
  if (!areBoth) {
    const [alone, none] = isThere(canaries) ? [canaries, others] : [others, canaries];
    return [
      ...alone.map((one) => portionOf(one, 1)),
      ...none.map((one) => portionOf(one, 0, `${name}: only the others are healthy`)),
    ];
  }
  // How often the others would have to be taken for the canaries to have their share.
  const ratio = (share * sum(others)) / ((1 - share) * sum(canaries));
  const [factor, rest] = ratio <= 1 ? [ratio, 1] : [1, 1 / ratio];
  return [
    ...canaries.map((one) => portionOf(one, factor, `${name}: ${percent(share)} together`)),
    ...others.map((one) => portionOf(one, rest)),
  ];
}
