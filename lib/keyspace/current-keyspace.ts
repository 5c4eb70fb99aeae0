import type { Keyspace } from "./contract.ts";

/** A keyspace that may be replaced by another one: a call goes to the one that applies then, and ends there. It needs no disposal. */
export function currentKeyspace(current: () => Keyspace): Keyspace {
  return {
    get url() {
      return current().url;
    },
    watch: (prefixes, signal, again) => current().watch(prefixes, signal, again),
    open: (ttlMs, signal) => current().open(ttlMs, signal),
    [Symbol.asyncDispose]: async () => {},
  };
}
