import { systemClock } from "../../../lib/base/clock.ts";
import { MemoryStore } from "../../../lib/keyspace/memory.ts";
import { keyspaceConformance } from "../../conformance/keyspace.ts";

keyspaceConformance("memory", async () => {
  const store = new MemoryStore(systemClock);
  return {
    open: async () => store.open(),
    ttlMs: 300,
    writeWithoutSession: async (key, value) => store.write(key, value),
    expireSessions: async () => store.expireSessions(),
  };
});
