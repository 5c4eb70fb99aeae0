import { race, whenAborted } from "../../base/signal.ts";
import type { KeySink, KeySource } from "../contract.ts";
import type { Turn } from "./held-turn.ts";
import { type TurnDeps, type TurnRequest, WaitingTurn } from "./waiting-turn.ts";

/** How long the turn of a watcher that is killed lasts, in milliseconds. */
export const turnTtlMs = 10_000;

/**
 * Queues for the turn of a group, runs `work` when it has come, and gives the turn back when that has ended. The entry is kept by a
 * session of its own. Throws the faults of a keyspace that is unreachable at the start, and KEYSPACE_SESSION_EXPIRED while it waits:
 * then its place in the queue is lost.
 */
export async function takeTurn<T>(
  keyspace: KeySink & KeySource,
  request: TurnRequest,
  work: (turn: Turn, signal: AbortSignal) => Promise<T>,
  deps: TurnDeps,
  signal: AbortSignal,
): Promise<T> {
  const session = await keyspace.open(turnTtlMs, signal);
  try {
    const { expired } = session;
    deps.onContact?.(undefined);
    const waiting = new WaitingTurn(keyspace, session, request, deps);
    const turn = await race(
      signal,
      (s) => waiting.untilHeld(s),
      async (s): Promise<never> => {
        await whenAborted(expired, s);
        throw expired.reason;
      },
    );
    return await work(turn, signal);
  } finally {
    await session.close();
  }
}
