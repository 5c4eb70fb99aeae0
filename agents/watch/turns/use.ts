import type { Clock } from "../../../lib/base/clock.ts";
import { formatDuration } from "../../../lib/base/duration.ts";
import type { Log } from "../../../lib/base/log.ts";
import { race } from "../../../lib/base/signal.ts";
import type { TogetherPlan } from "../../../lib/config/plan.ts";
import type { GroupTurn, Permission } from "./group-turn.ts";

export interface UseDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Quarantines what peers were refused. */
  readonly heedPeers: (signal: AbortSignal) => Promise<void>;
  /** Writes what came of it into the entry of the watcher, so that peers know it before the turn goes on. */
  readonly publish: (signal: AbortSignal) => Promise<void>;
}

/**
 * Uses a turn: has the group reconciled, waits for that, for `holdMs` at the most, and keeps the turn for a while after a reload, so that the
 * next watcher does not begin before the effects of this one are seen.
 */
export async function useTurn(
  turn: GroupTurn,
  title: string,
  { group, holdMs, settleMs }: Pick<TogetherPlan, "group" | "holdMs" | "settleMs">,
  permission: Permission,
  { clock, log, heedPeers, publish }: UseDeps,
  signal: AbortSignal,
): Promise<void> {
  const { sinceMs: waitedSinceMs = clock.now() } = turn.view ?? {};
  const waitedMs = Math.round(clock.now() - waitedSinceMs);
  if (permission === "alone") {
    const sentence = `${title} reloads without its turn of group ${group}: the keyspace has been unreachable for ${formatDuration(waitedMs)}`;
    log.warn("turn_alone", sentence, { group, waitedMs });
  } else {
    await heedPeers(signal);
  }
  // What waited may have become needless meanwhile.
  if (!turn.isWaiting) return;
  const startMs = clock.now();
  turn.begin(permission);
  const isOverdue = await race(
    signal,
    (s) => turn.state.until(({ kind }) => kind !== "held", s).then(() => false),
    (s) => clock.sleep(holdMs, s).then(() => true),
  );
  if (isOverdue && turn.isHeld) {
    turn.expire();
    const sentence = `${title} gives its turn of group ${group} back, for it has had it for ${formatDuration(holdMs)}; what it does goes on`;
    log.warn("turn_overdue", sentence, { group, holdMs });
  }
  const { result } = turn;
  if (result === undefined) return;
  if (permission !== "alone") await publish(signal);
  if (result === "reloaded") {
    const leftMs = startMs + holdMs - clock.now();
    await clock.sleep(Math.max(0, Math.min(settleMs, leftMs)), signal);
    if (permission !== "alone") await publish(signal);
  }
  const heldMs = Math.round(clock.now() - startMs);
  const sentence = `${title}: the turn of group ${group} was ${words[result]} after ${formatDuration(waitedMs)}, and is given back after ${formatDuration(heldMs)}`;
  log.info("turn_ended", sentence, { group, result, waitedMs, heldMs });
  turn.release();
}

const words = {
  reloaded: "used for a reload",
  failed: "used for a change that has failed",
  unused: "not needed any longer",
} as const;
