import { systemClock } from "../../lib/base/clock.ts";
import { createConsulKeyspace } from "../../lib/keyspace/consul/keyspace.ts";
import { parseKeyspaceUrl } from "../../lib/keyspace/url.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { startConsul } from "../stand-in/consul.ts";

keyspaceConformance("consul", async (t) => {
  const { consul, address } = await startConsul(t, { minTtlMs: 1000 });
  const url = `consul://${address}/folder`;
  const location = parseKeyspaceUrl(url);
  if (location.kind !== "consul") throw new Error(url);
  const deps = { clock: systemClock, random: Math.random, minTtlMs: 1000 };
  return {
    open: async () => createConsulKeyspace({ url, location, access: {} }, deps),
    ttlMs: 1000,
    // A plain write keeps the lock of the key.
    writeWithoutSession: async (key, value) => {
      const storeKey = `folder${key}`;
      consul.keys.remove(storeKey);
      consul.keys.set({ key: storeKey, value: Buffer.from(value) });
      consul.indexes.wake();
    },
    expireSessions: async () => consul.sessions.destroyAll(),
  };
});
