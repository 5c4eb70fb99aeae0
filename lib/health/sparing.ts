import type { Check } from "./contract.ts";
import type { Tripwire } from "./tripwire.ts";

/**
 * The same check with a tripwire that never is the reason for its verdict. A server that serves one connection at a time, or
 * only a few, fails a probe because of the one that is kept: that one is closed, and the probe repeated. If it succeeds then,
 * none is kept any longer. Where this process lacks resources, the connection is closed as well. A process that ends resets
 * connections before it refuses them, so that a probe is also repeated where its server has just closed the one that was kept.
 */
export function sparing(check: Check, tripwire: Tripwire): Check {
  return {
    title: check.title,
    async probe(signal) {
      const wasClosed = tripwire.takeClosed();
      const reading = await check.probe(signal);
      if (reading.ok === undefined) tripwire.rest();
      // If it was refused while one is kept, the end of that one is yet to come.
      if (reading.ok !== false || reading.isRefused) return reading;
      const wasKept = tripwire.isHolding;
      if (!wasKept && !wasClosed && !tripwire.takeClosed()) return reading;
      tripwire.release();
      const repeated = await check.probe(signal);
      if (wasKept && repeated.ok === true) tripwire.rest(Number.POSITIVE_INFINITY);
      // The process has ended during the probe, and that was noticed before the end of the connection.
      if (wasKept && repeated.ok === false && repeated.isRefused) tripwire.trip();
      return repeated;
    },
  };
}
