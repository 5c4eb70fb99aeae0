import type { Etcd3, ICompare, IKeyValue, IRequestOp } from "etcd3";
import { faults } from "../faults.ts";
import type { Lease } from "./lease.ts";
import { noLease } from "./list.ts";

/**
 * Writes an entry and attaches it to the lease. Mostly in one round trip: the transaction writes a new key, and one that
 * is on this lease already; of any other key it returns the entry, which is then taken over, or is a conflict. Throws
 * KEYSPACE_KEY_CONFLICT if the entry is on another lease with another value and `overwrites` is false.
 *
 * Callers repeat a call after a lost answer: the second one finds the entry of the first on this lease.
 */
export async function put(
  client: Etcd3,
  name: string,
  value: string,
  { id }: Lease,
  overwrites: boolean,
): Promise<void> {
  const key = Buffer.from(name);
  const write: IRequestOp = { request_put: { key, value: Buffer.from(value), lease: id } };
  const isNew: ICompare = { key, target: "Version", result: "Equal", version: "0" };
  const isOurs: ICompare = { key, target: "Lease", result: "Equal", lease: id };
  const read: IRequestOp = { request_range: { key } };
  const writeIfOurs: IRequestOp = {
    request_txn: { compare: [isOurs], success: [write], failure: [read] },
  };
  for (;;) {
    const outer = await client.kv.txn({
      compare: [isNew],
      success: [write],
      failure: [writeIfOurs],
    });
    const inner = outer.responses[0]?.response_txn;
    if (outer.succeeded || !inner || inner.succeeded) return;
    const found = inner.responses[0]?.response_range?.kvs[0];
    if (!found) continue;
    if (!overwrites && isConflict(found, value))
      throw faults.KEYSPACE_KEY_CONFLICT({ key: name, value: `${found.value}` });
    const { mod_revision } = found;
    const isUnchanged: ICompare = { key, target: "Mod", result: "Equal", mod_revision };
    const takeover = await client.kv.txn({ compare: [isUnchanged], success: [write], failure: [] });
    if (takeover.succeeded) return;
  }
}

/** Whether the entry, which is not on our lease, is on another one and has another value. */
function isConflict({ lease, value }: IKeyValue, ours: string): boolean {
  return lease !== noLease && value.toString() !== ours;
}
