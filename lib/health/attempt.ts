import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { sentence, systemCode } from "../base/fault.ts";
import { shortageIn } from "../base/shortage.ts";
import { withTimeout } from "../base/timeout.ts";
import type { Reading } from "../model/verdict.ts";

/** What one attempt has found out: the reading, without its duration. */
type Finding =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly isRefused?: true }
  | { readonly ok: undefined; readonly why: string };

/**
 * Makes a reading from one attempt: `probe` resolves with a description of the problem, or with undefined if the target is
 * healthy. A timeout is a bad reading, and so is an error of the system or of a protocol, which has a code. The reading is
 * unknown if this process lacked a resource, or stood still for longer than the limit. An error without a code is a bug and is
 * thrown. `probe` has to end when its signal aborts: it is waited for.
 */
export async function attempt(
  probe: (signal: AbortSignal) => Promise<string | undefined>,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Reading> {
  const startedMs = clock.now();
  const finding = await withTimeout(
    timeoutMs,
    (s) => runProbe(probe, s),
    () => timedOut(timeoutMs, clock.now() - startedMs),
    clock,
    signal,
  );
  return { ...finding, tookMs: clock.now() - startedMs };
}

async function runProbe(
  probe: (signal: AbortSignal) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const why = await probe(signal);
    return why === undefined ? { ok: true } : { ok: false, why };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const shortage = shortageIn(error);
    if (shortage !== undefined) return { ok: undefined, why: shortage };
    if (systemCode(error) === undefined) throw error;
    return { ok: false, why: sentence(error), ...(isRefusal(error) && { isRefused: true }) };
  }
}

/** Whether nothing listens at the destination of a connection; at none of its addresses if it is a name. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.every(isRefusal);
  const isConnecting = error instanceof Error && "syscall" in error && error.syscall === "connect";
  // A unix socket is refused while its file is left, and missing after that.
  return isConnecting && ["ECONNREFUSED", "ENOENT"].includes(systemCode(error) ?? "");
}

/** A timer that fires late by more than the limit itself measures this process, not the target. */
function timedOut(timeoutMs: number, tookMs: number): Finding {
  const lateMs = tookMs - timeoutMs;
  return lateMs > timeoutMs
    ? {
        ok: undefined,
        why: `the agent stood still for longer than the limit of ${formatDuration(timeoutMs)}`,
      }
    : { ok: false, why: `timed out after ${formatDuration(timeoutMs)}` };
}
