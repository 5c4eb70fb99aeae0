import type { Clock } from "../../lib/base/clock.ts";
import type { Proxy } from "../../lib/proxy/contract.ts";
import type { Pools } from "../../lib/view/contract.ts";
import type { GroupStatus } from "./status.ts";

/** How often, and how soon again, a proxy is looked at that seems to have ended, in milliseconds: it may be restarting. */
const [confirmations, confirmMs] = [4, 300];

/**
 * Calls `onDrained` with the services of files that were written for the start of a proxy, if it is proved to have ended: it
 * sends no requests until then, and from then on none to the instances that are drained in the files.
 */
export async function followEnded(
  status: GroupStatus,
  onDrained: (pools: Pools) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const { outcome, group } = status;
  for (;;) {
    const { version } = outcome;
    const written = status.writtenForStart;
    const isSafe = written && (await hasEnded(group.proxy, clock, signal));
    // It may be back meanwhile, and have been verified with later files.
    if (isSafe && status.writtenForStart) onDrained(written);
    await outcome.newer(version, signal);
  }
}

/** Whether the proxy has ended, and did not start within about a second. */
async function hasEnded(
  proxy: Proxy | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (let count = 1; ; count += 1) {
    const observed = await proxy?.observe?.([], signal);
    if (observed?.state !== "down" || !observed.hasEnded) return false;
    if (count === confirmations) return true;
    await clock.sleep(confirmMs, signal);
  }
}
