import type { Etcd3, ICompare, IKeyValue, IRequestOp } from "etcd3";
import { faults } from "../faults.ts";
import type { Lease } from "./lease.ts";

/**
 * Writes an entry on the lease, which it is tied to from here on. Mostly in one round trip: what is not there,
 * and what is on this lease, is written; of anything else etcd tells what it is.
 *
 * Calls are repeated where their answer was lost: the second one finds what the first one wrote.
 */
export async function put(
  client: Etcd3,
  name: string,
  value: string,
  { id }: Lease,
): Promise<void> {
  const key = Buffer.from(name);
  const write: IRequestOp = { request_put: { key, value: Buffer.from(value), lease: id } };
  const isNew: ICompare = { key, target: "Version", result: "Equal", version: "0" };
  const isOurs: ICompare = { key, target: "Lease", result: "Equal", lease: id };
  const read: IRequestOp = { request_range: { key } };
  const unlessOurs: IRequestOp = {
    request_txn: { compare: [isOurs], success: [write], failure: [read] },
  };
  for (;;) {
    const first = await client.kv.txn({
      compare: [isNew],
      success: [write],
      failure: [unlessOurs],
    });
    const second = first.responses[0]?.response_txn;
    if (first.succeeded || !second || second.succeeded) return;
    const found = second.responses[0]?.response_range?.kvs[0];
    if (!found) continue;
    if (isTaken(found, value))
      throw faults.KEYSPACE_KEY_CONFLICT({ key: name, value: `${found.value}` });
    const { mod_revision } = found;
    const isSame: ICompare = { key, target: "Mod", result: "Equal", mod_revision };
    const last = await client.kv.txn({ compare: [isSame], success: [write], failure: [] });
    if (last.succeeded) return;
  }
}

/** Whether it lives with another lease, and is something else than we have to say. */
function isTaken({ lease, value }: IKeyValue, ours: string): boolean {
  return lease !== "0" && value.toString() !== ours;
}
