import type { Etcd3 } from "etcd3";

/** The session of entries in etcd: they are removed when the lease expires or is revoked. */
export interface Lease {
  readonly id: string;
  /** The granted TTL in milliseconds: whole seconds, and no less than the minimum of etcd. */
  readonly ttlMs: number;
}

export async function grant(client: Etcd3, ttlMs: number): Promise<Lease> {
  const { ID, TTL } = await client.leaseClient.leaseGrant({ TTL: Math.ceil(ttlMs / 1000) });
  return { id: ID, ttlMs: Number(TTL) * 1000 };
}

/** Ends the lease and removes its entries. */
export async function revoke(client: Etcd3, { id }: Lease): Promise<void> {
  await client.leaseClient.leaseRevoke({ ID: id });
}

/** Removes an entry if it is still on the lease. */
export async function remove(client: Etcd3, name: string, { id }: Lease): Promise<void> {
  const key = Buffer.from(name);
  await client.kv.txn({
    compare: [{ key, target: "Lease", result: "Equal", lease: id }],
    success: [{ request_delete_range: { key } }],
  });
}
