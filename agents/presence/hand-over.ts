import { untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { race, runAll, whenAborted } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { Session } from "../../lib/keyspace/contract.ts";
import { answerStandby } from "../../lib/keyspace/hand-over/answer-standby.ts";
import { followOwners } from "../../lib/keyspace/hand-over/follow-owners.ts";
import type { OwnerNews } from "../../lib/keyspace/hand-over/owner-watch.ts";
import { standbyKeyOf } from "../../lib/model/hand-over-entry.ts";
import type { PresenceDeps, PresenceState } from "./state.ts";

/** How long an agent that stops waits for its standby to take over the next entry, in milliseconds. */
const nextEntryMs = 3000;

/**
 * Answers the agent that waits for our entries, and asks the agents that hold entries which we wait for; in one session
 * after the other. Once `stopping` aborts, this agent waits for none.
 */
export async function coordinate(
  state: PresenceState,
  stopping: AbortSignal,
  { keyspace, clock, random, log }: PresenceDeps,
  signal: AbortSignal,
): Promise<void> {
  const { session } = state;
  const deps = { clock, random, onDenied: denialLogger(log), onNews: newsLogger(state, log) };
  const standBy = async (current: Session, s: AbortSignal) => {
    try {
      await race(
        s,
        (t) => followOwners(keyspace, current, state, deps, t),
        (t) => whenAborted(stopping, t),
      );
    } finally {
      state.owners.set(new Map());
    }
    await removeQuestions(current, state, s);
  };
  for (;;) {
    const { version, value } = session;
    const coordinating = (s: AbortSignal) =>
      runAll(
        s,
        ...(value
          ? [
              (t: AbortSignal) => answerStandby(keyspace, value, state, deps, t),
              (t: AbortSignal) => standBy(value, t),
            ]
          : [(t: AbortSignal) => session.newer(version, t)]),
      );
    await race(signal, (s) => session.newer(version, s), coordinating);
  }
}

/**
 * Hands the entries over to the standby, if there is one: resolves once it has taken over all that it wants, or
 * after `limitMs`. The others are to be drained.
 */
export async function handOver(
  { standby, isLeaving, confirmed }: PresenceState,
  isDraining: (key: string) => boolean,
  limitMs: number,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const left = () => [...confirmed.value].filter((key) => !isDraining(key)).length;
  const all = left();
  const to = standby.value?.session;
  if (to === undefined || all === 0) return;
  log.info("handing_over", `handing ${all} entries over to the agent of session ${to}`, {
    standby: to,
    keys: all,
  });
  isLeaving.set(true);
  const untilNext = (count: number) => (s: AbortSignal) =>
    untilAny([confirmed, standby], () => left() < count || !standby.value, s);
  const untilOver = async (s: AbortSignal) => {
    for (let count = all; count > 0 && standby.value; count = left()) {
      const isStuck = await withTimeout(
        nextEntryMs,
        (t) => untilNext(count)(t).then(() => false),
        () => true,
        clock,
        s,
      );
      if (isStuck) return;
    }
  };
  await withTimeout(limitMs, untilOver, () => {}, clock, signal);
  const rest = left();
  const sentence = `${all - rest} of ${all} entries are handed over${rest > 0 ? "; the others are drained" : ""}`;
  log.info("handed_over", sentence, { standby: to, keys: all - rest, left: rest });
}

/** Without its question, an owner that stops does not wait for us. */
async function removeQuestions(
  session: Session,
  { held }: Pick<PresenceState, "held">,
  signal: AbortSignal,
): Promise<void> {
  for (const owner of new Set(held.value.owners.values())) {
    try {
      await session.remove(standbyKeyOf(owner), signal);
    } catch (error) {
      // The end of the session removes it, too.
      if (!(error instanceof Fault)) throw error;
    }
  }
}

function newsLogger({ held }: Pick<PresenceState, "held">, log: Log): (news: OwnerNews) => void {
  return ({ owner, state, why }) => {
    const keys = [...held.value.owners].flatMap(([key, one]) => (one === owner ? [key] : []));
    const [key = ""] = keys;
    const which = keys.length > 1 ? `${key} and ${keys.length - 1} more entries` : key;
    const count = keys.length;
    if (state === "alive") {
      const sentence = `standby for session ${owner}: another agent has registered ${which}, and is alive; its entries are taken over when it stops`;
      log.info("standby", sentence, { owner, keys: count, key });
    } else {
      const sentence = `taking over ${which} from session ${owner}: ${why}`;
      log.info("taking_over", sentence, { owner, keys: count, key, why });
    }
  };
}

/** Logs the first denial. */
function denialLogger(log: Log): (fault: Fault) => void {
  let isLogged = false;
  return ({ code, message }) => {
    if (isLogged) return;
    isLogged = true;
    const sentence = `${message}; two agents of the same instances cannot hand them over: grant read and write permission below /sidekick/standby and /sidekick/owners`;
    log.warn("hand_over_denied", sentence, { code });
  };
}
