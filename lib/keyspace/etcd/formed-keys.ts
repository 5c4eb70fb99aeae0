import type { Etcd3, ICompare, IRequestOp } from "etcd3";
import { type EntryForm, storePathOf } from "../../model/entry-form.ts";
import { isSameButStamp } from "../../model/stamp.ts";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import type { Lease } from "./lease.ts";
import { noLease } from "./list.ts";
import type { StoredKeys } from "./stored-keys.ts";

/** A key that an entry has in etcd, where that is not the key of the entry. */
interface FormedKey {
  readonly storeKey: string;
  readonly isPersistent: boolean;
}

/**
 * Writes entries at other keys than their own: numbered ones at `<key>/<20 digits>`, as etcd 2 did, and persistent ones without
 * a lease. Keeps the keys of the session's entries.
 */
export class FormedKeys {
  readonly #lease: Lease;
  readonly #stored: StoredKeys;
  readonly #keys = new Map<string, FormedKey>();

  constructor({ lease, keys }: { readonly lease: Lease; readonly keys: StoredKeys }) {
    this.#lease = lease;
    this.#stored = keys;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Resolves with the key of the entry. Callers repeat a call after a lost answer: it finds the entry of the first one. */
  async put(
    client: Etcd3,
    {
      key,
      value,
      rules,
    }: { readonly key: string; readonly value: string; readonly rules: PutRules },
    form: EntryForm,
  ): Promise<string> {
    const { isNumbered = false, isPersistent = false } = form;
    const path = this.#stored.storedOf(storePathOf(key, value, form));
    const known = this.#keys.get(key)?.storeKey;
    const lease = isPersistent ? noLease : this.#lease.id;
    for (;;) {
      const found = known ?? (isNumbered ? await this.#find(client, path, value, lease) : path);
      const target = found ?? (await nextKey(client, path));
      const entry = { key, storeKey: target, shownKey: this.#stored.keyOf(target), value, lease };
      const isWritten = await write(client, entry, { ...rules, form: undefined });
      // Another client has taken the number, or has changed the entry.
      if (!isWritten) continue;
      this.#keys.set(key, { storeKey: target, isPersistent });
      return this.#stored.keyOf(target);
    }
  }

  async remove(client: Etcd3, key: string): Promise<void> {
    const known = this.#keys.get(key);
    if (known) await this.#delete(client, known);
    this.#keys.delete(key);
  }

  /** Removes the entries that the end of the lease leaves. */
  async removePersistent(client: Etcd3): Promise<void> {
    for (const known of this.#keys.values())
      if (known.isPersistent) await this.#delete(client, known);
  }

  async #delete(client: Etcd3, { storeKey, isPersistent }: FormedKey): Promise<void> {
    const key = Buffer.from(storeKey);
    const lease = isPersistent ? noLease : this.#lease.id;
    await client.kv.txn({
      compare: [{ key, target: "Lease", result: "Equal", lease }],
      success: [{ request_delete_range: { key } }],
    });
  }

  /** An entry with this value on this lease, or without a lease, that was written before and is of no other key of ours. */
  async #find(
    client: Etcd3,
    path: string,
    value: string,
    lease: string,
  ): Promise<string | undefined> {
    const ours = new Set(Array.from(this.#keys.values(), ({ storeKey }) => storeKey));
    const { kvs } = await client.kv.range(numbersOf(path));
    const like = kvs.filter(
      (kv) => kv.lease === lease && isSameButStamp(kv.value.toString(), value),
    );
    return like.map(({ key }) => key.toString()).find((one) => !ours.has(one));
  }
}

/** The keys of one digit more than any number below `path/`. */
function numbersOf(path: string): { readonly key: Buffer; readonly range_end: Buffer } {
  return { key: Buffer.from(`${path}/0`), range_end: Buffer.from(`${path}/:`) };
}

/** A key that no entry has: its number is that of the next change of etcd. */
async function nextKey(client: Etcd3, path: string): Promise<string> {
  const { header } = await client.kv.range({ ...numbersOf(path), limit: 1 });
  return `${path}/${String(BigInt(header.revision) + 1n).padStart(20, "0")}`;
}

interface AttachedEntry {
  readonly key: string;
  readonly storeKey: string;
  /** The one in the store as the keyspace has it. */
  readonly shownKey: string;
  readonly value: string;
  readonly lease: string;
}

/** Writes an entry if it is new, on its lease already, without one, or to be replaced; false after a concurrent change. */
async function write(
  client: Etcd3,
  { key, storeKey, shownKey, value, lease }: AttachedEntry,
  rules: PutRules,
): Promise<boolean> {
  const name = Buffer.from(storeKey);
  const { kvs } = await client.kv.range({ key: name });
  const found = kvs[0];
  const isOfAnother = found && found.lease !== noLease && found.lease !== lease;
  const held = isOfAnother && {
    storeKey: shownKey,
    value: found.value.toString(),
    owner: found.lease,
  };
  const text = held ? replacement(key, value, held, rules) : value;
  const put: IRequestOp = { request_put: { key: name, value: Buffer.from(text), lease } };
  const isUnchanged: ICompare = found
    ? { key: name, target: "Mod", result: "Equal", mod_revision: found.mod_revision }
    : { key: name, target: "Version", result: "Equal", version: "0" };
  const { succeeded } = await client.kv.txn({
    compare: [isUnchanged],
    success: [put],
    failure: [],
  });
  return succeeded;
}
