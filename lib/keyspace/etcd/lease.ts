import { type Etcd3, EtcdError } from "etcd3";
import { abortable } from "../../base/signal.ts";

/** What ties entries to a session. */
export interface Lease {
  readonly id: string;
  /** What etcd granted, in milliseconds: whole seconds, and never less than it can keep. */
  readonly ttlMs: number;
}

export async function grant(client: Etcd3, ttlMs: number): Promise<Lease> {
  const { ID, TTL } = await client.leaseClient.leaseGrant({ TTL: Math.ceil(ttlMs / 1000) });
  return { id: ID, ttlMs: Number(TTL) * 1000 };
}

/** Gives the lease its full time again, which rewrites no key; false where there is no such lease any more. */
export async function refresh(client: Etcd3, lease: Lease, signal: AbortSignal): Promise<boolean> {
  // Short enough for a second attempt, elsewhere, within the time that is left.
  const limitMs = Math.min(4000, Math.max(1000, lease.ttlMs / 4));
  const stream = await client.leaseClient.leaseKeepAlive({ deadline: Date.now() + limitMs });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  stream.on("data", ({ TTL }) => resolve(Number(TTL) > 0));
  stream.on("error", reject);
  stream.on("end", () => reject(new EtcdError("the lease's stream ended without an answer")));
  try {
    stream.write({ ID: lease.id });
    return await abortable(promise, signal);
  } finally {
    stream.cancel();
  }
}

/** Ends the lease, and with it the entries that are on it. */
export async function revoke(client: Etcd3, { id }: Lease): Promise<void> {
  await client.leaseClient.leaseRevoke({ ID: id });
}

/** Removes an entry unless it is on another lease by now. */
export async function remove(client: Etcd3, name: string, { id }: Lease): Promise<void> {
  const key = Buffer.from(name);
  await client.kv.txn({
    compare: [{ key, target: "Lease", result: "Equal", lease: id }],
    success: [{ request_delete_range: { key } }],
  });
}
