import { badRequest } from "./errors.ts";
import type { KeyValues, Pair } from "./key-values.ts";
import type { Sessions } from "./sessions.ts";

interface Operation {
  readonly Verb: string;
  readonly Key: string;
  readonly Value?: string;
  readonly Flags?: number;
  readonly Index?: number;
  readonly Session?: string;
}

export interface TransactionAnswer {
  readonly Results: readonly { readonly KV: Pair }[] | null;
  readonly Errors: readonly { readonly OpIndex: number; readonly What: string }[] | null;
}

const maxOperations = 128;

/** Applies all operations, or none if one fails. */
export function transact(body: unknown, keys: KeyValues, sessions: Sessions): TransactionAnswer {
  const operations = (body as readonly { readonly KV?: Operation }[]).map(({ KV }) => KV);
  if (operations.length > maxOperations) {
    throw badRequest(
      `Transaction contains too many operations (${operations.length} > ${maxOperations})`,
    );
  }
  const before = keys.tables;
  const results: { KV: Pair }[] = [];
  const errors: { OpIndex: number; What: string }[] = [];
  for (const [OpIndex, operation] of operations.entries()) {
    if (!operation) throw badRequest("only KV operations are supported here");
    const outcome = apply(operation, keys, sessions);
    if (typeof outcome === "string") errors.push({ OpIndex, What: outcome });
    else results.push(...outcome.map((KV) => ({ KV })));
  }
  if (errors.length > 0) {
    keys.restore(before);
    return { Results: null, Errors: errors };
  }
  return { Results: results, Errors: null };
}

/** The results of an operation, or why it failed. */
function apply(
  operation: Operation,
  keys: KeyValues,
  sessions: Sessions,
): readonly Pair[] | string {
  const { Verb, Key } = operation;
  if (Verb.startsWith("delete")) return remove(operation, keys);
  if (Verb.startsWith("check")) return check(operation, keys);
  if (Verb === "get-tree") return keys.pairs(Key);
  const found = keys.get(Key);
  if (Verb === "get") return found ? [found] : `key "${Key}" doesn't exist`;
  return write(operation, keys, sessions) ?? shown(keys.get(Key));
}

/** Why it failed; undefined if it did not. */
function write(operation: Operation, keys: KeyValues, sessions: Sessions): string | undefined {
  const { Verb, Key, Value = "", Flags = 0, Index = 0, Session = "" } = operation;
  const written = { key: Key, value: Buffer.from(Value, "base64"), flags: Flags };
  switch (Verb) {
    case "set":
      keys.set(written);
      return undefined;
    case "cas":
      if (keys.compareAndSet(written, Index)) return undefined;
      return `failed to set key "${Key}", index is stale`;
    case "lock":
      if (!sessions.get(Session)) return `invalid session "${Session}"`;
      if (sessions.isDelayed(Key)) return `failed to lock key "${Key}" due to lock delay`;
      if (keys.lock(written, Session)) return undefined;
      return `failed to lock key "${Key}", lock is already held`;
    case "unlock":
      if (keys.unlock(written, Session)) return undefined;
      return `failed to unlock key "${Key}", lock isn't held, or is held by another session`;
    default:
      throw badRequest(`unknown operation "${Verb}"`);
  }
}

function check(
  { Verb, Key, Index, Session }: Operation,
  keys: KeyValues,
): readonly Pair[] | string {
  const found = keys.get(Key);
  if (Verb === "check-not-exists") return found ? `key "${Key}" exists` : [];
  if (!found) return `failed check for key "${Key}", doesn't exist`;
  if (Verb === "check-session") {
    return found.Session === Session ? shown(found) : `failed session check for key "${Key}"`;
  }
  if (found.ModifyIndex === Index) return shown(found);
  return `failed index check for key "${Key}", current modify index ${found.ModifyIndex} != ${Index}`;
}

function remove({ Verb, Key, Index }: Operation, keys: KeyValues): readonly Pair[] | string {
  if (Verb === "delete-cas" && keys.get(Key)?.ModifyIndex !== Index) {
    return `failed to delete key "${Key}", index is stale`;
  }
  const removed = Verb === "delete-tree" ? keys.pairs(Key).map((pair) => pair.Key) : [Key];
  for (const key of removed) keys.remove(key);
  return [];
}

/** Without its value, to save space. */
function shown(pair: Pair | undefined): readonly Pair[] {
  return pair ? [{ ...pair, Value: null }] : [];
}
