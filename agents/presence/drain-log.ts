import type { Cell, Current } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import { nextTurn } from "../../lib/base/slices.ts";
import type { Draining, DrainReason, InstanceDrain } from "../../lib/presence/contract.ts";
import { isGivenUp, nextDeadlineMs } from "../../lib/presence/drain.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { listed } from "./listed.ts";
import type { PresenceState } from "./state.ts";

/** The cells from which drains are logged. */
interface DrainCells extends Pick<PresenceState, "desired" | "confirmed"> {
  readonly draining: Cell<Draining>;
}

/** Logs the begin and the end of every drain but those of the beginning, of which the end is logged. */
export async function logDrains(
  placing: Current<Placing>,
  { draining, desired, confirmed }: DrainCells,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const drains = new DrainLog(draining.value, log);
  const isRemoved = (name: string) => {
    const key = placesOf(placing.value).keyOf(name);
    return !desired.value.has(key) && !confirmed.value.has(key);
  };
  const cells = [draining, desired, confirmed];
  for (;;) {
    const versions = cells.map(({ version }) => version);
    const nowMs = clock.now();
    drains.update(draining.value, nowMs, isRemoved);
    const deadlineMs = nextDeadlineMs(draining.value, nowMs);
    await race(
      signal,
      ...cells.map((cell, i) => (s: AbortSignal) => cell.newer(versions[i] ?? 0, s)),
      ...(deadlineMs === undefined ? [] : [(s: AbortSignal) => clock.sleep(deadlineMs - nowMs, s)]),
    );
    // All that are deregistered at the same time are one line. A begin is logged before what follows from it.
    if (draining.version === versions[0]) await nextTurn(signal);
  }
}

/** A drain that was logged. */
interface Logged {
  readonly drain: InstanceDrain;
  readonly hasEnded: boolean;
}

const causes: Readonly<Record<DrainReason, string>> = {
  request: "on request",
  stop: "since its container or program is stopped, or it is removed from the configuration",
  shutdown: "since the agent stops",
};

/** The drains that were logged, to tell what is new. */
class DrainLog {
  readonly #log: Log;
  readonly #logged: Map<string, Logged>;

  constructor(draining: Draining, log: Log) {
    this.#log = log;
    const known = Array.from(
      draining,
      ([name, drain]) => [name, { drain, hasEnded: false }] as const,
    );
    this.#logged = new Map(known);
  }

  /** Logs what has begun or ended since the last time: a line for all of one reason. */
  update(draining: Draining, nowMs: number, isRemoved: (name: string) => boolean): void {
    const log = this.#log;
    const open = [...this.#logged].filter(([, { hasEnded }]) => !hasEnded);
    const cancelled = open.filter(([name]) => !draining.has(name));
    for (const name of this.#logged.keys()) if (!draining.has(name)) this.#logged.delete(name);
    for (const { ids, drain } of grouped(cancelled.map(([name, { drain }]) => [name, drain]))) {
      const sentence = `the drain of ${listed(ids)} is cancelled: undrained, started again or gone`;
      log.info("drain_cancelled", sentence, { ids, reason: drain.reason });
    }
    // What the shutdown gives up is not drained: another agent has it.
    const drains = [...draining].filter(([, drain]) => !isGivenUp(drain));
    const started = drains.filter(([name, { reason, run }]) => {
      const before = this.#logged.get(name)?.drain;
      return before?.reason !== reason || before.run !== run;
    });
    for (const [name, drain] of started) this.#logged.set(name, { drain, hasEnded: false });
    for (const { ids, drain } of grouped(started)) {
      const { reason, untilMs } = drain;
      const limitMs = Number.isFinite(untilMs) ? Math.max(0, untilMs - nowMs) : undefined;
      const limit = limitMs === undefined ? "" : `, for ${formatDuration(limitMs)} at the most`;
      const sentence = `draining ${listed(ids)} ${causes[reason]}${limit}`;
      log.info("drain_started", sentence, { ids, reason, limitMs });
    }
    const ended = drains.filter(([name, { untilMs }]) => {
      return untilMs <= nowMs && !this.#logged.get(name)?.hasEnded && isRemoved(name);
    });
    for (const [name, drain] of ended) this.#logged.set(name, { drain, hasEnded: true });
    for (const { ids, drain } of grouped(ended)) {
      const { reason, sinceMs } = drain;
      const sentence = `drained ${listed(ids)} for ${formatDuration(nowMs - sinceMs)}: deregistered`;
      log.info("drain_ended", sentence, { ids, reason });
    }
  }
}

/** The names of the drains that have a reason in common, with the first of these drains. */
function grouped(
  drains: readonly (readonly [name: string, drain: InstanceDrain])[],
): readonly { readonly ids: readonly string[]; readonly drain: InstanceDrain }[] {
  const byReason = Map.groupBy(drains, ([, { reason }]) => reason);
  return [...byReason.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ ids: group.map(([name]) => name), drain: first[1] }] : [];
  });
}
