import { Cell } from "../../base/cell.ts";
import { Fault } from "../../base/fault.ts";
import { retry } from "../../base/retry.ts";
import { race, runAll } from "../../base/signal.ts";
import { encodeStandby, ownerKeyOf, standbyKeyOf } from "../../model/hand-over-entry.ts";
import { Snapshot } from "../../model/snapshot.ts";
import type { OwnerStates } from "../conflicts.ts";
import type { KeySource, Session } from "../contract.ts";
import { follow } from "../follow.ts";
import { backoff, type HandOverDeps, ifDenied } from "./deps.ts";
import { type HeldEntries, type OwnerNews, type OwnersNow, OwnerWatch } from "./owner-watch.ts";

export interface StandbyState {
  /** Our entries that other sessions hold. */
  readonly held: Cell<HeldEntries>;
  /** The states of these sessions: written by `followOwners`. */
  readonly owners: Cell<OwnerStates>;
}

export interface StandbyDeps extends HandOverDeps {
  readonly onNews: (news: OwnerNews) => void;
}

/** The entries of owners as they were last read. */
interface Read {
  /** The owners whose entries are followed: an answer of others would not be noticed. */
  readonly followed: ReadonlySet<string>;
  readonly snapshot: Snapshot;
  /** The keyspace does not permit to ask, or to read the answers. */
  readonly isDenied: boolean;
}

/**
 * Keeps `owners` equal to the states of the agents that hold our entries, until `signal` aborts: asks them whether they are
 * alive, with entries of `session`.
 */
export async function followOwners(
  keyspace: KeySource,
  session: Session,
  { held, owners }: StandbyState,
  deps: StandbyDeps,
  signal: AbortSignal,
): Promise<void> {
  const watch = new OwnerWatch(session.id, session.ttlMs);
  const read = new Cell<Read>({ followed: new Set(), snapshot: Snapshot.empty, isDenied: false });
  const { clock } = deps;
  const look = (nowMs: number): OwnersNow => {
    const { snapshot, isDenied } = read.value;
    const now = watch.update(held.value, snapshot, isDenied, nowMs);
    if (!isSame(now.states, owners.value)) owners.set(now.states);
    now.news.forEach(deps.onNews);
    return now;
  };
  const ask = async (owner: string, number: number, s: AbortSignal): Promise<void> => {
    const isWritten = await writeQuestion(session, owner, number, s);
    if (isWritten) watch.asked(owner, number, clock.now());
    else watch.isAskedByAnother(owner, clock.now());
  };
  const asking = async (progress: () => void, s: AbortSignal): Promise<void> => {
    for (;;) {
      const versions = [held.version, read.version] as const;
      const lookedMs = clock.now();
      const { asks, left } = look(lookedMs);
      for (const owner of left) await session.remove(standbyKeyOf(owner), s);
      for (const [owner, number] of asks) {
        if (read.value.followed.has(owner)) await ask(owner, number, s);
      }
      progress();
      // Whatever became due since the look has not been done yet: a sleep may end a little early.
      const dueMs = watch.nextDueMs(lookedMs);
      await race(
        s,
        (t) => held.newer(versions[0], t),
        (t) => read.newer(versions[1], t),
        ...(dueMs === undefined
          ? []
          : [(t: AbortSignal) => clock.sleep(Math.max(0, dueMs - clock.now()), t)]),
      );
    }
  };
  const denied = ifDenied(deps, () => {
    if (!read.value.isDenied) read.set({ ...read.value, isDenied: true });
  });
  await runAll(
    signal,
    (s) => retry(asking, backoff, { ...deps, onFault: denied }, s),
    (s) => retry(reading(keyspace, held, read), backoff, { ...deps, onFault: denied }, s),
  );
}

/** Follows the entries of the owners. */
function reading(keyspace: KeySource, held: Cell<HeldEntries>, read: Cell<Read>) {
  return async (progress: () => void, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const followed = ownersOf(held.value);
      const seen = new Cell<Snapshot | undefined>(undefined);
      const onBatch = () => {
        read.set({ ...read.value, followed, snapshot: seen.value ?? Snapshot.empty });
        progress();
      };
      const following = (s: AbortSignal) =>
        follow(keyspace, [...followed].map(ownerKeyOf), seen, onBatch, s);
      await race<unknown>(
        signal,
        (s) => held.until((now) => followed.symmetricDifference(ownersOf(now)).size > 0, s),
        ...(followed.size > 0 ? [following] : []),
      );
    }
  };
}

function ownersOf({ owners }: HeldEntries): ReadonlySet<string> {
  return new Set(owners.values());
}

/** False if another standby asks this owner. */
async function writeQuestion(
  session: Session,
  owner: string,
  ask: number,
  signal: AbortSignal,
): Promise<boolean> {
  const value = encodeStandby({ session: session.id, ask });
  try {
    await session.put(standbyKeyOf(owner), value, signal);
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === "KEYSPACE_KEY_CONFLICT") return false;
    throw error;
  }
}

function isSame(one: OwnerStates, other: OwnerStates): boolean {
  return one.size === other.size && [...one].every(([owner, state]) => other.get(owner) === state);
}
