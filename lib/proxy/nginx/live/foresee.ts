import type { Foreseen } from "../../contract.ts";
import type { LiveUpstreams } from "./live-upstreams.ts";
import type { LivePlan } from "./plan.ts";

/** What nginx would do with a plan. `without` is why a text without a control server takes a reload. */
export async function foreseeLive(
  plan: LivePlan,
  live: Pick<LiveUpstreams, "conflicts">,
  areInFiles: boolean,
  without: string,
  signal: AbortSignal,
): Promise<Foreseen> {
  if (!plan.desired) return { how: "reloaded", why: without };
  if (plan.kind === "reload") {
    return { how: "reloaded", why: plan.reason ?? "its texts are unknown" };
  }
  const servers = plan.changed;
  if (plan.kind === "none") return { how: "adjusted", servers };
  if (!areInFiles) {
    const unasked = "its files do not have the texts that the change starts with";
    return { how: "adjusted", servers, unasked };
  }
  const conflicts = await live.conflicts(plan.desired, signal);
  if ("reason" in conflicts) return { how: "adjusted", servers, unasked: conflicts.reason };
  return conflicts.length > 0
    ? { how: "reloaded", why: conflicts.join(", ") }
    : { how: "adjusted", servers };
}
