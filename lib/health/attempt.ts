import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { sentence, systemCode } from "../base/fault.ts";
import { withTimeout } from "../base/timeout.ts";
import type { Reading } from "../model/verdict.ts";

/**
 * Makes a reading from one attempt: `probe` resolves with a description of the problem, or with undefined if the target is
 * healthy. A timeout is a bad reading, and so is an error of the system or of a protocol, which has a code. An error
 * without a code is a bug and is thrown. `probe` has to end when its signal aborts: it is waited for.
 */
export async function attempt(
  probe: (signal: AbortSignal) => Promise<string | undefined>,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Reading> {
  const startedMs = clock.now();
  const why = await withTimeout(
    timeoutMs,
    (s) => runProbe(probe, s),
    () => `timed out after ${formatDuration(timeoutMs)}`,
    clock,
    signal,
  );
  const tookMs = clock.now() - startedMs;
  return why === undefined ? { ok: true, tookMs } : { ok: false, tookMs, why };
}

async function runProbe(
  probe: (signal: AbortSignal) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await probe(signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (systemCode(error) === undefined) throw error;
    return sentence(error);
  }
}
