import type { Check } from "./contract.ts";
import type { Tripwire } from "./tripwire.ts";

/**
 * The same check with a tripwire that never is the reason for its verdict. A server that serves one connection at a time, or
 * only a few, fails a probe because of the one that is kept: that one is closed, and the probe repeated. If it succeeds then,
 * none is kept any longer. Where this process lacks resources, the connection is closed as well.
 */
export function sparing(check: Check, tripwire: Tripwire): Check {
  return {
    title: check.title,
    async probe(signal) {
      const reading = await check.probe(signal);
      if (reading.ok === true || !tripwire.isHolding) return reading;
      if (reading.ok === undefined) tripwire.rest();
      else tripwire.release();
      if (reading.ok === undefined || reading.isRefused) return reading;
      const repeated = await check.probe(signal);
      if (repeated.ok === true) tripwire.rest(Number.POSITIVE_INFINITY);
      return repeated;
    },
  };
}
