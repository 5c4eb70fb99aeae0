import type { ConsulClient } from "../../clients/consul/client.ts";
import { ConsulError } from "../../clients/consul/errors.ts";
import { parseDone } from "../../clients/consul/json.ts";
import type { PutRules } from "../contract.ts";
import { replacement } from "../replaceable.ts";
import { type Pair, pathOf, readPair } from "./pair.ts";

/** An entry to write. */
export interface WrittenEntry {
  readonly key: string;
  readonly storeKey: string;
  readonly value: string;
  readonly session: string;
}

/** So often a lock is asked for that no session seems to hold: it may have been released in between. */
const attempts = 3;

/**
 * Writes an entry and locks it with the session, mostly in one request: Consul locks a key that is new, or of no session. One that
 * another session has is replaced in one transaction, so that no reader finds it absent. Throws the faults of `replacement`.
 *
 * Callers repeat a call after a lost answer: the second one finds the entry of the first locked by this session.
 */
export async function put(
  client: ConsulClient,
  entry: WrittenEntry,
  rules: PutRules,
  signal: AbortSignal,
): Promise<void> {
  const { storeKey, value, session } = entry;
  for (let free = 0; free < attempts; ) {
    const query = { acquire: session };
    const request = { method: "PUT", path: pathOf(storeKey), query, body: value } as const;
    if (parseDone((await client.request(request, signal)).text)) return;
    const found = await readPair(client, storeKey, signal);
    if (!found?.session) free += 1;
    else if (found.session !== session) {
      const text = replacement(entry.key, value, heldEntry(entry, found), rules);
      const lock = { Verb: "lock", Key: storeKey, Value: base64(text), Session: session };
      if (await transact(client, [deletion(found), lock], signal)) return;
    }
  }
  throw new ConsulError(
    "refused",
    `no session holds ${storeKey}, but Consul does not lock it: a session with a lock delay held it before`,
  );
}

/** Writes an entry without a lock, which outlives the session. Throws the faults of `replacement`. */
export async function putPersistent(
  client: ConsulClient,
  entry: WrittenEntry,
  rules: PutRules,
  signal: AbortSignal,
): Promise<void> {
  const { storeKey, value, session } = entry;
  for (;;) {
    const found = await readPair(client, storeKey, signal);
    const isOfAnother = found?.session && found.session !== session;
    const text = isOfAnother
      ? replacement(entry.key, value, heldEntry(entry, found), rules)
      : value;
    const written = { Key: storeKey, Value: base64(text) };
    const operations = found
      ? [deletion(found), { Verb: "set", ...written }]
      : [{ Verb: "cas", Index: 0, ...written }];
    if (await transact(client, operations, signal)) return;
  }
}

/** Removes a key if the session has it locked, or if it is of no session where `session` is undefined. */
export async function remove(
  client: ConsulClient,
  storeKey: string,
  session: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const found = await readPair(client, storeKey, signal);
    if (!found || found.session !== session) return;
    if (await transact(client, [deletion(found)], signal)) return;
  }
}

interface Operation {
  readonly Verb: string;
  readonly Key: string;
  readonly Value?: string;
  readonly Index?: number;
  readonly Session?: string;
}

const rolledBack = 409;

/** Whether it was applied; false after a concurrent change. */
async function transact(
  client: ConsulClient,
  operations: readonly Operation[],
  signal: AbortSignal,
): Promise<boolean> {
  const body = JSON.stringify(operations.map((KV) => ({ KV })));
  const request = { method: "PUT", path: "/txn", body, accepts: [rolledBack] } as const;
  const { status, text } = await client.request(request, signal);
  if (status !== rolledBack) return true;
  if (/invalid session|lock delay/i.test(text)) throw new ConsulError("refused", text, status);
  return false;
}

function deletion({ storeKey, modifyIndex }: Pair): Operation {
  return { Verb: "delete-cas", Key: storeKey, Index: modifyIndex };
}

function heldEntry({ key }: WrittenEntry, { value, session = "" }: Pair) {
  return { storeKey: key, value, owner: session };
}

function base64(value: string): string {
  return Buffer.from(value).toString("base64");
}
