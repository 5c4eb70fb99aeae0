import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { keyspaceSchema } from "../../lib/keyspace/schema.ts";
import { keyspaceConformance } from "../conformance/keyspace.ts";
import { type Etcd, startEtcd } from "./etcd.ts";

const deps = { clock: systemClock, random: () => 0 };

/** Opens a keyspace as a configuration says. */
const opened = (config: unknown): Promise<Keyspace> =>
  openKeyspace(keyspaceSchema.parse(config), deps);

keyspaceConformance("etcd", async (t) => {
  const etcd = await startEtcd(t);
  return {
    open: async () => await opened(etcd.url),
    ttlMs: 1000,
    expireSessions: async () => await revokeAll(etcd),
  };
});

async function revokeAll(etcd: Etcd): Promise<void> {
  const { leases } = JSON.parse(await etcd.etcdctl("lease", "list", "-w", "json")) as {
    leases: { id: number }[];
  };
  for (const { id } of leases) await etcd.etcdctl("lease", "revoke", id.toString(16));
}
