import { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import type { Fault } from "../../../lib/base/fault.ts";
import type { FaultReporter } from "../../../lib/base/fault-reporter.ts";
import { type Backoff, retry } from "../../../lib/base/retry.ts";
import { race } from "../../../lib/base/signal.ts";
import type { TogetherPlan } from "../../../lib/config/plan.ts";
import type { KeySink, KeySource } from "../../../lib/keyspace/contract.ts";
import type { Place } from "../../../lib/keyspace/turns/queue.ts";
import { takeTurn } from "../../../lib/keyspace/turns/take-turn.ts";
import type { GroupTurn, Permission } from "./group-turn.ts";

/** How soon a keyspace that is unreachable is tried again. */
const backoff: Backoff = { firstMs: 200, maxMs: 5000 };

/** Watchers that go on alone do so within this time, not all at once, in milliseconds. */
const spreadMs = 60_000;

export interface KeptTurn {
  readonly turn: GroupTurn;
  /** The names of the templates. */
  readonly title: string;
  /** The name of the watcher, and that of the entry of this turn. */
  readonly watcher: string;
  readonly name: string;
}

export interface KeepDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly reporter: FaultReporter;
  /** How many may reload at a time. */
  readonly slots: (signal: AbortSignal) => Promise<number>;
  /** As of `TurnDeps`. */
  readonly mayShare: (queued: ReadonlySet<string>, signal: AbortSignal) => Promise<boolean>;
  readonly onPlace: (place: Place) => void;
  /** Uses the turn until it is to be given back. */
  readonly use: (permission: Permission, signal: AbortSignal) => Promise<void>;
}

/** Queues whenever a reload waits, and uses the turn once it has come. While the keyspace is unreachable, `otherwise` decides. */
export async function keepTurn(
  keyspace: KeySink & KeySource,
  { turn, title, watcher, name }: KeptTurn,
  { group, otherwise }: Pick<TogetherPlan, "group" | "otherwise">,
  deps: KeepDeps,
  signal: AbortSignal,
): Promise<never> {
  const { clock, random, reporter, slots, mayShare, onPlace, use } = deps;
  const unreachableSince = new Cell<number | undefined>(undefined);
  const onContact = (fault: Fault | undefined, retryInMs = backoff.maxMs) => {
    if (fault) reporter.report(fault, retryInMs, "reloads wait for their turn");
    else reporter.resolved();
    const isKnown = (unreachableSince.value !== undefined) === (fault !== undefined);
    if (!isKnown) unreachableSince.set(fault && clock.now());
  };
  const queue = async (s: AbortSignal): Promise<void> => {
    const max = await slots(s);
    const request = { group, name, watcher, max, for: title };
    const taking = { clock, random, onPlace, onContact, mayShare };
    const take = (_: () => void, t: AbortSignal) => takeTurn(keyspace, request, use, taking, t);
    await retry(take, backoff, { clock, random, onFault: onContact }, s);
  };
  /** Resolves when the reload is to be done without a turn. */
  const untilAlone = async (s: AbortSignal): Promise<void> => {
    for (;;) {
      const sinceMs = await unreachableSince.until((ms) => ms !== undefined, s);
      const dueMs = (sinceMs ?? 0) + otherwise.waitMs + random() * spreadMs;
      const isOver = await race(
        s,
        (t) => clock.sleep(Math.max(0, dueMs - clock.now()), t).then(() => true),
        (t) => unreachableSince.until((ms) => ms === undefined, t).then(() => false),
      );
      if (!isOver) continue;
      if (otherwise.isAlone && turn.state.value.kind === "waiting") return;
      await unreachableSince.until((ms) => ms === undefined, s);
    }
  };
  for (;;) {
    await turn.state.until(({ kind }) => kind === "waiting", signal);
    const end = await race<"used" | "alone" | "not needed">(
      signal,
      (s) => queue(s).then(() => "used" as const),
      (s) => untilAlone(s).then(() => "alone" as const),
      (s) => turn.state.until(({ kind }) => kind === "idle", s).then(() => "not needed" as const),
    );
    if (end === "alone") await use("alone", signal);
    unreachableSince.set(undefined);
    turn.place = undefined;
  }
}
