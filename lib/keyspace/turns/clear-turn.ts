import type { KeySink } from "../contract.ts";

/** How long the session lives that takes entries over to remove them, if this process dies meanwhile, in milliseconds. */
const ttlMs = 5000;

/** Removes entries of turns, whatever keeps them: a watcher that runs queues again, at the end. */
export async function clearTurn(
  keyspace: KeySink,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const session = await keyspace.open(ttlMs, signal);
  try {
    for (const key of keys) await session.put(key, "cleared", signal, { overwrites: true });
  } finally {
    await session.close();
  }
}
