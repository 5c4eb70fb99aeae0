import type { Keyspace } from "./contract.ts";
import type { InUse } from "./in-use.ts";

/** A keyspace that may be replaced by another one: a call goes to the one that applies then, and ends there. It needs no disposal. */
export function currentKeyspace(current: () => Keyspace, inUse: InUse): Keyspace {
  return {
    get url() {
      return current().url;
    },
    async *watch(prefixes, signal, again) {
      const keyspace = current();
      using _ = inUse.begin(keyspace);
      yield* keyspace.watch(prefixes, signal, again);
    },
    open: (ttlMs, signal) => current().open(ttlMs, signal),
    [Symbol.asyncDispose]: async () => {},
  };
}
