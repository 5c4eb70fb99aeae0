import type { Cell } from "../base/cell.ts";
import { Fault } from "../base/fault.ts";
import { type Backoff, delayMs, type RetryDeps } from "../base/retry.ts";
import { race, runAll, whenAborted } from "../base/signal.ts";
import type { Entries } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { Conflicts } from "./conflicts.ts";
import type { KeySink, Session } from "./contract.ts";
import { type EntryChange, SessionState } from "./session-state.ts";

export interface PublishRules {
  /** How long the entries outlive this process when it dies. */
  readonly ttlMs: number;
  /** The wait before a write that failed is tried again in the same session. */
  readonly backoff: Backoff;
}

export interface PublishDeps extends RetryDeps {
  /** Told of each write once the store has it. */
  readonly onPublished?: (change: EntryChange) => void;
  /** Told whenever the session holds all that is wanted, and nothing else. */
  readonly onConverged?: () => void;
  /** What the store shows at our keys: what somebody else removed or overwrote there is put back. */
  readonly seen?: Cell<Snapshot | undefined>;
}

/** How many writes are under way at once. */
const width = 64;

/**
 * Opens a session and keeps what it holds equal to what is wanted. A write that fails is tried again in
 * the same session: giving that up would take down every entry for the sake of one.
 *
 * Throws the fault of opening the session, or KEYSPACE_SESSION_EXPIRED once the store has dropped it: the
 * caller publishes again, which announces everything anew. When `signal` aborts, the entries go at once.
 */
export async function publish(
  sink: KeySink,
  wanted: Cell<Entries>,
  { ttlMs, backoff }: PublishRules,
  deps: PublishDeps,
  signal: AbortSignal,
): Promise<never> {
  const session = await sink.open(ttlMs, signal);
  try {
    const holdings = new SessionState(ttlMs);
    const refusals = new Conflicts(backoff, deps);
    let failures = 0;
    while (!session.lost.aborted) {
      const versions = { wanted: wanted.version, seen: deps.seen?.version ?? 0 };
      const shown = deps.seen?.value;
      if (shown) holdings.compare(shown);
      const due = refusals.eligible(holdings.due(wanted.value, deps.clock.now()), shown);
      const { fault, taken } = await converge(session, holdings, due, deps, signal);
      if (session.lost.aborted) break;
      refusals.learn(due, taken, shown);
      failures = fault ? failures + 1 : 0;
      if (!fault && refusals.size === 0) deps.onConverged?.();
      const waits = fault
        ? [afterFault(fault, delayMs(failures, backoff, deps.random), deps)]
        : news(wanted, versions, [holdings.nextDueMs(), refusals.nextDueMs()], deps);
      await race(signal, (s) => whenAborted(session.lost, s), ...waits);
    }
  } finally {
    await session.close();
  }
  throw session.lost.reason;
}

type Wait = (signal: AbortSignal) => Promise<void>;

function afterFault(fault: Fault, waitMs: number, { clock, onFault }: PublishDeps): Wait {
  onFault(fault, waitMs);
  return (signal) => clock.sleep(waitMs, signal);
}

/** What can make another change due, now that none is. */
function news(
  wanted: Cell<Entries>,
  versions: { readonly wanted: number; readonly seen: number },
  dues: readonly (number | undefined)[],
  { clock, seen }: PublishDeps,
): Wait[] {
  const waits: Wait[] = [(s) => wanted.newer(versions.wanted, s)];
  if (seen) waits.push((s) => seen.newer(versions.seen, s));
  for (const dueMs of dues.filter((ms) => ms !== undefined)) {
    waits.push((s) => clock.sleep(Math.max(0, dueMs - clock.now()), s));
  }
  return waits;
}

interface Outcome {
  /** The first one, if any, but for those of keys that are taken. */
  readonly fault: Fault | undefined;
  /** By key. */
  readonly taken: ReadonlyMap<string, Fault>;
}

/** Makes every change that is due, whatever becomes of the others. */
async function converge(
  session: Session,
  holdings: SessionState,
  due: readonly EntryChange[],
  { clock, onPublished }: PublishDeps,
  signal: AbortSignal,
): Promise<Outcome> {
  let fault: Fault | undefined;
  const taken = new Map<string, Fault>();
  const changes = due.values();
  const worker = async (s: AbortSignal) => {
    for (const change of changes) {
      if (session.lost.aborted) return;
      holdings.begin(change);
      const made = await make(change, session, s).catch(ifFault(s));
      if (!(made instanceof Fault)) {
        holdings.done(change, made, clock.now());
        onPublished?.(change);
      } else if (made.code === "KEYSPACE_KEY_CONFLICT") taken.set(change.key, made);
      else fault ??= made;
    }
  };
  await runAll(signal, ...Array.from({ length: Math.min(width, due.length) }, () => worker));
  return { fault, taken };
}

/** For `catch`: a fault is an outcome, anything else is not, and neither is the end of the signal. */
function ifFault(signal: AbortSignal): (error: unknown) => Fault {
  return (error) => {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    return error;
  };
}

/** Resolves with the key that the entry is shown at, or was. */
async function make(change: EntryChange, session: Session, signal: AbortSignal): Promise<string> {
  if (change.kind !== "remove") return await session.put(change.key, change.value, signal);
  await session.remove(change.key, signal);
  return change.key;
}
