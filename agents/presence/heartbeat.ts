import { open, utimes } from "node:fs/promises";
import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { sentence, systemCode } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import { race } from "../../lib/base/signal.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";

/** How often the file is touched, in milliseconds. */
const everyMs = 10_000;

/** Touches the file of the plan, as that is replaced. */
export async function keepHeartbeat(
  plan: Cell<Pick<PresencePlan, "heartbeat">>,
  deps: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<never> {
  for (;;) {
    const { heartbeat } = plan.value;
    await race<unknown>(
      signal,
      (s) => plan.until((next) => next.heartbeat !== heartbeat, s),
      ...(heartbeat === undefined ? [] : [(s: AbortSignal) => keepTouched(heartbeat, deps, s)]),
    );
  }
}

/** Touches a file for as long as the agent runs, for a supervisor that looks at its time. A failure is logged once. */
export async function keepTouched(
  file: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Promise<never> {
  let logged = "";
  for (;;) {
    const why = await touch(file);
    if (why !== "" && why !== logged) {
      const message = `${file} cannot be touched: ${why}; the next attempt follows in 10s`;
      log.warn("heartbeat_failed", message, { path: file, why });
    }
    logged = why;
    await clock.sleep(everyMs, signal);
  }
}

/** Creates the file, or sets its time. Returns the reason of a failure, empty without one. */
async function touch(file: string): Promise<string> {
  try {
    // Appending nothing creates a missing file and truncates none.
    await (await open(file, "a")).close();
    const now = new Date();
    await utimes(file, now, now);
    return "";
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return sentence(error);
  }
}
