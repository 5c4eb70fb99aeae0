import { formatDuration } from "../../lib/base/duration.ts";
import type { Fault } from "../../lib/base/fault.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import { supervise } from "../../lib/base/supervise.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Session } from "../../lib/keyspace/contract.ts";
import { publish } from "../../lib/keyspace/publish.ts";
import type { EntryChange } from "../../lib/keyspace/session-state.ts";
import { noKeyspaceUrl } from "../../lib/keyspace/url.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import type { Liveness } from "../../lib/status/liveness.ts";
import { emptyHeld, type PresenceDeps, type PresenceState, reconnect } from "./state.ts";

/** The loop that registers, and where its faults are reported. */
export interface Registering {
  readonly loop: Liveness;
  readonly reporter: FaultReporter;
}

/** Keeps the keyspace equal to `desired`, in one session after the other, and `confirmed` equal to what it has. */
export async function keepRegistered(
  { ttlMs, ...placing }: Placing & Pick<PresencePlan, "ttlMs">,
  { desired, observed, confirmed, storeKeys, everConfirmed, session, held, owners }: PresenceState,
  { loop, reporter }: Registering,
  { keyspace, clock, random, log }: PresenceDeps,
  signal: AbortSignal,
): Promise<void> {
  loop.deadline();
  const { formOf } = placesOf(placing);
  const onFault = (fault: Fault, retryInMs: number) => reporter.report(fault, retryInMs);
  const onPublished = (change: EntryChange, storeKey: string) => {
    // The removal of an entry that another agent holds changes nothing.
    const isOwn = change.kind !== "remove" || confirmed.value.has(change.key);
    const isElsewhere = storeKey !== change.key && change.kind !== "remove";
    if (isElsewhere) storeKeys.set(storeKeys.value.set(change.key, storeKey));
    else if (storeKeys.value.delete(change.key)) storeKeys.set(storeKeys.value);
    for (const cell of [confirmed, everConfirmed]) {
      const keys = cell.value;
      if (change.kind === "remove") keys.delete(change.key);
      else keys.add(change.key);
      cell.set(keys);
    }
    loop.deadline();
    if (isOwn && keyspace.url !== noKeyspaceUrl) logChange(change, log);
  };
  const onHeld = (all: ReadonlyMap<string, string>) => {
    const lost = [...all].filter(([key]) => confirmed.value.delete(key));
    if (lost.length > 0) confirmed.set(confirmed.value);
    const takers = lost.map(([, owner]) => owner);
    held.set({ owners: all, takenBy: new Set([...held.value.takenBy, ...takers]) });
  };
  let grantedMs = ttlMs;
  const onOpened = (opened: Session) => {
    session.set(opened);
    if (opened.ttlMs === grantedMs) return;
    grantedMs = opened.ttlMs;
    logTtl(ttlMs, grantedMs, log);
  };
  await supervise(
    (onConverged, s) => {
      // A new session holds nothing.
      confirmed.set(new Set());
      session.set(undefined);
      held.set(emptyHeld);
      const events = { onFault, onOpened, onPublished, onHeld, onConverged };
      const deps = { clock, random, ...events, seen: observed, owners };
      const rules = { ttlMs, backoff: reconnect, formOf };
      return publish(keyspace, desired, rules, deps, s);
    },
    { backoff: reconnect, reporter },
    { clock, random },
    signal,
  );
}

/** Stores count in whole seconds, or in ticks: a difference of less than one second is not worth a warning. */
function logTtl(requestedMs: number, grantedMs: number, log: Log): void {
  if (Math.abs(grantedMs - requestedMs) < 1000) return;
  const [requested, granted] = [requestedMs, grantedMs].map(formatDuration);
  const sentence = `the keyspace limits the TTL of sessions: ${requested} requested, ${granted} granted; entries of a killed agent stay for ${granted}`;
  log.warn("ttl_limited", sentence, { requestedMs, grantedMs });
}

function logChange(change: EntryChange, log: Log): void {
  const { kind, key } = change;
  if (kind === "remove") log.info("deregistered", `deregistered ${key}`, { key });
  else if (kind === "put")
    log.info("registered", `registered ${key}`, { key, value: change.value });
  else log.info("restored", `restored ${key}`, { key, value: change.value });
}
