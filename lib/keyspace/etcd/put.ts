import type { Etcd3, ICompare, IRequestOp } from "etcd3";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import type { Lease } from "./lease.ts";
import { noLease } from "./list.ts";

/**
 * Writes an entry and attaches it to the lease. Mostly in one round trip: the transaction writes a new key, and one that
 * is on this lease already; of any other key it returns the entry, which is then replaced. Throws the faults of
 * `replacement` if it is on another lease.
 *
 * Callers repeat a call after a lost answer: the second one finds the entry of the first on this lease.
 */
export async function put(
  client: Etcd3,
  { key: name, storeKey, value }: { key: string; storeKey: string; value: string },
  { id }: Lease,
  rules: PutRules,
): Promise<void> {
  const key = Buffer.from(storeKey);
  const writing = (text: string): IRequestOp => ({
    request_put: { key, value: Buffer.from(text), lease: id },
  });
  const write = writing(value);
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
    const { mod_revision, lease } = found;
    const held = { storeKey: name, value: found.value.toString(), owner: lease };
    const text = lease === noLease ? value : replacement(name, value, held, rules);
    const isUnchanged: ICompare = { key, target: "Mod", result: "Equal", mod_revision };
    const success = [writing(text)];
    const takeover = await client.kv.txn({ compare: [isUnchanged], success, failure: [] });
    if (takeover.succeeded) return;
  }
}
