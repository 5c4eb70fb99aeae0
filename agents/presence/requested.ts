import { isDeepStrictEqual } from "node:util";
import { sweepBeside } from "../../lib/base/atomic.ts";
import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { Fault, ifSystem } from "../../lib/base/fault.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Backoff } from "../../lib/base/retry.ts";
import { race } from "../../lib/base/signal.ts";
import { supervise } from "../../lib/base/supervise.ts";
import type { Draining, Requested, Weights } from "../../lib/presence/contract.ts";
import { readRequested, writeRequested } from "../../lib/presence/requested-file.ts";
import { listed } from "./listed.ts";
import type { PresenceDeps } from "./state.ts";

/** How soon a failed save is tried again. */
const backoff: Backoff = { firstMs: 2000, maxMs: 60_000 };

export const nothingRequested: Requested = { draining: new Map(), weights: new Map() };

/** The file that has the requested drains and weights, and its content at the start. */
export interface RequestedFile {
  /** Undefined where there is no folder for it: drains and weights end with the agent then. */
  readonly path: string | undefined;
  readonly restored: Requested;
}

/** Reads the file; one that cannot be used is logged and ignored. */
export async function openRequested(
  path: string | undefined,
  { clock, log }: Pick<PresenceDeps, "clock" | "log">,
): Promise<RequestedFile> {
  if (path === undefined) return { path, restored: nothingRequested };
  try {
    // A folder that is missing or closed to this user has nothing to sweep.
    await sweepBeside(path).catch(ifSystem);
    const restored = (await readRequested(path, momentOf(clock))) ?? nothingRequested;
    logRestored(restored, log);
    return { path, restored };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    log.warn("requested_rejected", error.message, { code: error.code, path });
    return { path, restored: nothingRequested };
  }
}

/** The last attempt to save what was requested. */
export interface SaveAttempt {
  /** Undefined while it is under way: the file has the former content or the new one. */
  readonly requested: Requested | undefined;
  /** The last one that has ended has failed. */
  readonly hasFailed: boolean;
}

interface RequestedCells {
  /** The drains that were requested. */
  readonly requested: Cell<Draining>;
  readonly weights: Cell<Weights>;
  /** Set at the begin and at the end of each attempt. */
  readonly attempt: Cell<SaveAttempt>;
}

/** Saves the requested drains and weights whenever they change. A failure is reported and tried again. */
export async function saveRequested(
  { path, restored }: RequestedFile,
  { requested, weights, attempt }: RequestedCells,
  reporter: FaultReporter,
  { clock, random, log }: Pick<PresenceDeps, "clock" | "random" | "log">,
  signal: AbortSignal,
): Promise<void> {
  let saved = restored;
  const current = (): Requested => ({ draining: requested.value, weights: weights.value });
  const isChanged = () => !isDeepStrictEqual(current(), saved);
  const save = async (succeeded: () => void) => {
    const next = current();
    attempt.set({ requested: undefined, hasFailed: attempt.value.hasFailed });
    try {
      if (path !== undefined) await writeRequested(path, next, momentOf(clock));
      saved = next;
    } finally {
      attempt.set({ requested: next, hasFailed: saved !== next });
    }
    succeeded();
  };
  const supervision = {
    backoff,
    reporter,
    consequence: "a restart of the agent ends them until then",
  };
  for (;;) {
    const seen = { requested: requested.version, weights: weights.version };
    if (path === undefined && isChanged()) logUnsaved(saved, log);
    if (isChanged()) await supervise(save, supervision, { clock, random }, signal);
    await race(
      signal,
      (s) => requested.newer(seen.requested, s),
      (s) => weights.newer(seen.weights, s),
    );
  }
}

function momentOf(clock: Clock) {
  return { nowMs: clock.now(), wallMs: Date.now() };
}

function logRestored({ draining, weights }: Requested, log: Log): void {
  const drained = [...draining.keys()];
  const weighed = [...weights.keys()];
  if (drained.length + weighed.length === 0) return;
  const parts = [
    ...(drained.length > 0 ? [`the drain of ${listed(drained)}`] : []),
    ...(weighed.length > 0 ? [`the weight of ${listed(weighed)}`] : []),
  ];
  const sentence = `${parts.join(" and ")} was requested before the restart, and still applies`;
  log.info("requested_restored", sentence, { drained, weighed });
}

function logUnsaved(saved: Requested, log: Log): void {
  if (saved !== nothingRequested) return;
  const sentence =
    "requested drains and weights end with this agent: it has no folder for its state; set STATE_DIRECTORY or HOME";
  log.warn("requested_unsaved", sentence);
}
