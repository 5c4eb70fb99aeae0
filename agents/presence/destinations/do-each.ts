import { Fault } from "../../../lib/base/fault.ts";

/** Faults that another kind of request need not have, too. */
const isOfOneRequest = new Set([
  "DESTINATION_ACCESS_DENIED",
  "DESTINATION_INSTANCE_REJECTED",
  "DESTINATION_REFUSED",
]);

/**
 * Does one after the other, and throws the first fault: after all of them where it is one of a single request, at once where the
 * destination is unreachable or throttled.
 */
export async function doEach(work: readonly (() => Promise<void>)[]): Promise<void> {
  let first: Fault | undefined;
  for (const one of work) {
    try {
      await one();
    } catch (error) {
      if (!(error instanceof Fault && isOfOneRequest.has(error.code))) throw first ?? error;
      first ??= error;
    }
  }
  if (first) throw first;
}
