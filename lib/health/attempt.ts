import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import { sentence, systemCode } from "../base/fault.ts";
import { race } from "../base/signal.ts";
import type { Reading } from "../model/verdict.ts";

/**
 * Makes a reading of one attempt: `ask` resolves with what is wrong, or with undefined when all is well.
 * No answer within `timeoutMs` is a bad reading, and so is an error of the system or of a protocol: those
 * have codes. An error without a code is a bug and is not taken for an ill target.
 * `ask` has to end when its signal aborts: it is waited for.
 */
export async function attempt(
  ask: (signal: AbortSignal) => Promise<string | undefined>,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Reading> {
  const startedMs = clock.now();
  const why = await race<string | undefined>(
    signal,
    (s) => runProbe(ask, s),
    (s) => clock.sleep(timeoutMs, s).then(() => `no answer within ${formatDuration(timeoutMs)}`),
  );
  const tookMs = clock.now() - startedMs;
  return why === undefined ? { ok: true, tookMs } : { ok: false, tookMs, why };
}

async function runProbe(
  ask: (signal: AbortSignal) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await ask(signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (systemCode(error) === undefined) throw error;
    return sentence(error);
  }
}
