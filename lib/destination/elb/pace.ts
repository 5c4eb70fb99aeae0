import type { Pace } from "../contract.ts";

/**
 * AWS limits the requests of an account in a region, for all its machines together: 40 at once and 10 per second of those
 * that only read.
 */
export const pace: Pace = {
  transitionMs: 15_000,
  reassertMs: 5 * 60_000,
  backoff: { firstMs: 1000, maxMs: 60_000 },
};
