import type { Keyspace } from "./contract.ts";
import { faults } from "./faults.ts";

/** A keyspace that others write in their own way: no session can be opened. */
export function readOnlyKeyspace(url: string, watch: Keyspace["watch"]): Keyspace {
  return {
    url,
    watch,
    open: async (_ttlMs, signal) => {
      signal.throwIfAborted();
      throw faults.KEYSPACE_READ_ONLY({ url });
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
