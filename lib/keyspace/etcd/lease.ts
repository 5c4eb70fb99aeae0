import { type Etcd3, EtcdError } from "etcd3";
import { abortable } from "../../base/signal.ts";

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

/** Renews the lease for its full TTL, which writes no key; false if the lease has expired. */
export async function refresh(client: Etcd3, lease: Lease, signal: AbortSignal): Promise<boolean> {
  // Short enough for a second attempt, at another endpoint, within the rest of the TTL.
  const limitMs = Math.min(4000, Math.max(1000, lease.ttlMs / 4));
  const stream = await client.leaseClient.leaseKeepAlive({ deadline: Date.now() + limitMs });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  stream.on("data", ({ TTL }) => resolve(Number(TTL) > 0));
  stream.on("error", reject);
  stream.on("end", () => reject(new EtcdError("the stream of the lease ended without an answer")));
  try {
    stream.write({ ID: lease.id });
    return await abortable(promise, signal);
  } finally {
    stream.cancel();
  }
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
