import type { TestContext } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import type { Service } from "../../lib/base/run-until.ts";
import { abortable, never, untilAborted } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { ManualClock } from "./manual-clock.ts";
import { hangMs } from "./process.ts";

/** A service that a test runs. */
export interface RunningService {
  /** Resolves once it has returned because it was stopped; rejects with the error that it failed with. */
  readonly ended: Promise<void>;
  readonly hasEnded: () => boolean;
  /** Begins to stop it, without waiting. */
  readonly stop: () => void;
}

/** The longest shutdown of a test, in milliseconds of its clock. */
const shutdownMs = 600_000;

/** Runs a service until it is stopped, or until the test is over: then it is waited for, with a limit. */
export function running(
  t: Pick<TestContext, "after">,
  service: Service,
  clock: ManualClock,
): RunningService {
  const stopping = new AbortController();
  let hasEnded = false;
  const ended = untilAborted(stopping.signal, service.run(stopping.signal)).finally(() => {
    hasEnded = true;
  });
  ended.catch(() => {});
  const stop = () => stopping.abort(new Error("the test stops the service"));
  t.after(async () => {
    stop();
    await clock.advance(shutdownMs);
    await inTime(
      "the service stops",
      ended.catch(() => {}),
    );
  });
  return { ended, hasEnded: () => hasEnded, stop };
}

/** Awaits what happens without the clock of the test; rejects where that hangs. */
export async function inTime<T>(event: string, work: Promise<T>): Promise<T> {
  const hangs = () => {
    throw new Error(`${event}: not so after ${hangMs} ms`);
  };
  return await withTimeout(hangMs, (s) => abortable(work, s), hangs, systemClock, never);
}
