import type { Cell } from "../base/cell.ts";
import { Fault } from "../base/fault.ts";
import { type Backoff, delayMs } from "../base/retry.ts";
import { race, runAll, whenAborted } from "../base/signal.ts";
import type { Entries } from "../model/entry.ts";
import type { EntryForm } from "../model/entry-form.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { type ConflictDeps, Conflicts, type OwnerStates } from "./conflicts.ts";
import type { KeySink, PutRules, Session } from "./contract.ts";
import { forEachConcurrent } from "./for-each-concurrent.ts";
import { type EntryChange, SessionState } from "./session-state.ts";

export interface PublishRules {
  /** How long the entries outlive this process when it dies, in milliseconds. */
  readonly ttlMs: number;
  /** The wait before a failed write is retried in the same session. */
  readonly backoff: Backoff;
  /** The keys belong to this process alone: entries that other sessions have written there are overwritten. */
  readonly overwrites?: boolean;
  /** How the store keeps each entry; undefined for an entry at its key that the session owns. */
  readonly formOf?: (key: string) => EntryForm | undefined;
}

export interface PublishDeps extends ConflictDeps {
  /** Called with the session before anything is written to it. */
  readonly onOpened?: (session: Session) => void;
  /** Called for each change once the store has confirmed it, with the key of the entry in the store. */
  readonly onPublished?: (change: EntryChange, storeKey: string) => void;
  /** Called whenever the session holds exactly the desired entries. */
  readonly onConverged?: () => void;
  /** The observed state of the desired keys. With it, entries that other clients remove or overwrite are restored. */
  readonly seen?: Cell<Snapshot | undefined>;
  /** The states of other sessions that hold desired entries. Without it, each is as good as unknown. */
  readonly owners?: Cell<OwnerStates>;
}

const maxConcurrentWrites = 64;

/** How long removals wait for the puts that are due with them, in milliseconds: one of them may be slow. */
const holdRemovalsMs = 1000;

/**
 * Opens a session and reconciles its entries with the desired ones until `signal` aborts, which removes them at once.
 * A failed write is retried in the same session: to give the session up would remove all its entries for one of them.
 *
 * Throws the fault of opening the session, and KEYSPACE_SESSION_EXPIRED once the store has expired it: the caller
 * publishes again, which registers everything anew.
 */
export async function publish(
  sink: KeySink,
  desired: Cell<Entries>,
  { ttlMs, backoff, overwrites = false, formOf = () => undefined }: PublishRules,
  deps: PublishDeps,
  signal: AbortSignal,
): Promise<never> {
  const session = await sink.open(ttlMs, signal);
  try {
    deps.onOpened?.(session);
    const state = new SessionState(session.id, ttlMs, (key) => formOf(key)?.isPersistent ?? false);
    const conflicts = new Conflicts(backoff, deps);
    const inputs = [desired, deps.seen, deps.owners].filter((cell) => cell !== undefined);
    let failures = 0;
    while (!session.expired.aborted) {
      const versions = inputs.map(({ version }) => version);
      const [observed, owners] = [deps.seen?.value, deps.owners?.value ?? noOwners];
      if (observed) state.observe(observed, deps.clock.now());
      const due = conflicts.eligible(state.due(desired.value, deps.clock.now()), observed, owners);
      const takeOver = yielding(owners);
      const write = writeTo(session, (key) => ({ overwrites, takeOver, form: formOf(key) }));
      const outcome = await applyChanges({ session, write }, state, due, deps, signal);
      if (session.expired.aborted) break;
      conflicts.update(due, outcome.conflicts, observed);
      failures = outcome.fault ? failures + 1 : 0;
      if (!outcome.fault && conflicts.size === 0) deps.onConverged?.();
      const waits = outcome.fault
        ? [afterFault(outcome.fault, delayMs(failures, backoff, deps.random), deps)]
        : nextEvents(inputs, versions, [state.nextDueMs(), conflicts.nextDueMs()], deps);
      await race(signal, (s) => whenAborted(session.expired, s), ...waits);
    }
  } finally {
    await session.close();
  }
  throw session.expired.reason;
}

const noOwners: OwnerStates = new Map();

function yielding(owners: OwnerStates): ReadonlySet<string> {
  const all = [...owners].filter(([, state]) => state === "yields");
  return new Set(all.map(([session]) => session));
}

type Wait = (signal: AbortSignal) => Promise<void>;

function afterFault(fault: Fault, waitMs: number, { clock, onFault }: PublishDeps): Wait {
  onFault(fault, waitMs);
  return (signal) => clock.sleep(waitMs, signal);
}

/** The events after which another change may be due. */
function nextEvents(
  inputs: readonly Pick<Cell<unknown>, "newer">[],
  versions: readonly number[],
  dueTimesMs: readonly (number | undefined)[],
  { clock }: PublishDeps,
): Wait[] {
  const waits: Wait[] = inputs.map((cell, i) => (s) => cell.newer(versions[i] ?? 0, s));
  for (const dueMs of dueTimesMs.filter((ms) => ms !== undefined)) {
    waits.push((s) => clock.sleep(Math.max(0, dueMs - clock.now()), s));
  }
  return waits;
}

interface Outcome {
  /** The first fault that is not a conflict, if any. */
  readonly fault: Fault | undefined;
  /** The KEYSPACE_KEY_CONFLICT or KEYSPACE_KEY_HELD of each key that another session holds. */
  readonly conflicts: ReadonlyMap<string, Fault>;
}

const conflictCodes: ReadonlySet<string> = new Set(["KEYSPACE_KEY_CONFLICT", "KEYSPACE_KEY_HELD"]);

/**
 * Makes every due change, also after some of them have failed; none once the session has expired. Removes entries only after
 * all puts have ended, or have taken long: an instance with another key now, such as a renamed container, is registered without
 * a gap, and an unhealthy one is not kept by the slow put of another.
 */
async function applyChanges(
  { session, write }: { readonly session: Session; readonly write: Write },
  state: SessionState,
  due: readonly EntryChange[],
  { clock, onPublished }: PublishDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  let fault: Fault | undefined;
  const conflicts = new Map<string, Fault>();
  const apply = async (change: EntryChange, s: AbortSignal) => {
    if (session.expired.aborted) return;
    state.begin(change);
    const result = await write(change, s).catch(ifFault(s));
    if (!(result instanceof Fault)) {
      state.confirm(change, result, clock.now());
      onPublished?.(change, result);
    } else if (conflictCodes.has(result.code)) conflicts.set(change.key, result);
    else fault ??= result;
  };
  const isRemoval = ({ kind }: EntryChange) => kind === "remove";
  const [puts, removals] = [due.filter((change) => !isRemoval(change)), due.filter(isRemoval)];
  const putsEnded = new AbortController();
  await runAll(
    signal,
    async (s) => {
      await forEachConcurrent(puts, maxConcurrentWrites, apply, s);
      putsEnded.abort();
    },
    async (s) => {
      if (removals.length === 0) return;
      await race(
        s,
        (t) => whenAborted(putsEnded.signal, t),
        (t) => clock.sleep(holdRemovalsMs, t),
      );
      await forEachConcurrent(removals, maxConcurrentWrites, apply, s);
    },
  );
  return { fault, conflicts };
}

/** For `catch`: returns a fault as an outcome; throws any other error, and everything once the signal has aborted. */
function ifFault(signal: AbortSignal): (error: unknown) => Fault {
  return (error) => {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return error;
  };
}

/** Makes a change, and resolves with the key of the entry in the store. */
type Write = (change: EntryChange, signal: AbortSignal) => Promise<string>;

function writeTo(session: Session, rulesOf: (key: string) => PutRules): Write {
  return async (change, signal) => {
    const { key } = change;
    if (change.kind !== "remove") return await session.put(key, change.value, signal, rulesOf(key));
    await session.remove(key, signal);
    return key;
  };
}
