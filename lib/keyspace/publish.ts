import type { Cell } from "../base/cell.ts";
import { Fault } from "../base/fault.ts";
import { type Backoff, delayMs, type RetryDeps } from "../base/retry.ts";
import { aborted, first, together } from "../base/signal.ts";
import type { Entries } from "../model/entry.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { KeySink, Session } from "./contract.ts";
import { type Change, Holdings } from "./holdings.ts";

export interface PublishRules {
  /** How long the entries outlive this process when it dies. */
  readonly ttlMs: number;
  /** The wait before a write that failed is tried again in the same session. */
  readonly backoff: Backoff;
}

export interface PublishDeps extends RetryDeps {
  /** Told of each write once the store has it. */
  readonly onPublished?: (change: Change) => void;
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
 * Throws the fault of opening the session, or KEYSPACE_SESSION_LOST once the store has dropped it: the
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
    const holdings = new Holdings(ttlMs);
    let failures = 0;
    while (!session.lost.aborted) {
      const versions = { wanted: wanted.version, seen: deps.seen?.version ?? 0 };
      if (deps.seen?.value) holdings.compare(deps.seen.value);
      const fault = await converge(session, holdings, wanted.value, deps, signal);
      if (session.lost.aborted) break;
      failures = fault ? failures + 1 : 0;
      if (!fault) deps.onConverged?.();
      const waits = fault
        ? afterFault(fault, delayMs(failures, backoff, deps.random), versions.seen, deps)
        : news(wanted, versions, holdings.nextDueMs(), deps);
      await first(signal, (s) => aborted(session.lost, s), ...waits);
    }
  } finally {
    await session.close();
  }
  throw session.lost.reason;
}

type Wait = (signal: AbortSignal) => Promise<void>;

/** Time may mend a fault. A key that is somebody else's is free as soon as it is seen to be gone. */
function afterFault(
  fault: Fault,
  waitMs: number,
  seenVersion: number,
  { clock, onFault, seen }: PublishDeps,
): Wait[] {
  onFault(fault, waitMs);
  const waits: Wait[] = [(signal) => clock.sleep(waitMs, signal)];
  if (seen && fault.code === "KEYSPACE_TAKEN") waits.push((s) => seen.newer(seenVersion, s));
  return waits;
}

/** What can make another change due, now that none is. */
function news(
  wanted: Cell<Entries>,
  versions: { readonly wanted: number; readonly seen: number },
  dueMs: number | undefined,
  { clock, seen }: PublishDeps,
): Wait[] {
  const waits: Wait[] = [(s) => wanted.newer(versions.wanted, s)];
  if (seen) waits.push((s) => seen.newer(versions.seen, s));
  if (dueMs !== undefined) waits.push((s) => clock.sleep(Math.max(0, dueMs - clock.now()), s));
  return waits;
}

/** Makes every change that is due, whatever becomes of the others; returns the first fault, if any. */
async function converge(
  session: Session,
  holdings: Holdings,
  wanted: Entries,
  { clock, onPublished }: PublishDeps,
  signal: AbortSignal,
): Promise<Fault | undefined> {
  let fault: Fault | undefined;
  const changes = holdings.due(wanted, clock.now()).values();
  const worker = async (s: AbortSignal) => {
    for (const change of changes) {
      if (session.lost.aborted) return;
      holdings.begin(change);
      try {
        holdings.done(change, await make(change, session, s), clock.now());
      } catch (error) {
        if (s.aborted || !(error instanceof Fault)) throw error;
        fault ??= error;
        continue;
      }
      onPublished?.(change);
    }
  };
  await together(signal, ...Array.from({ length: width }, () => worker));
  return fault;
}

/** Resolves with the key that the entry is shown at, or was. */
async function make(change: Change, session: Session, signal: AbortSignal): Promise<string> {
  if (change.kind !== "remove") return await session.put(change.key, change.value, signal);
  await session.remove(change.key, signal);
  return change.key;
}
