import type { Foreseen } from "../contract.ts";
import type { LiveServers } from "./live-servers.ts";
import type { Plan } from "./plan.ts";

/** What haproxy would do with a plan. `live` is undefined without a socket through which servers are changed. */
export async function foresee(
  plan: Plan,
  live: Pick<LiveServers, "conflicts"> | undefined,
  areInFiles: boolean,
  signal: AbortSignal,
): Promise<Foreseen> {
  if (!live) return { how: "reloaded", why: "no socket is configured to change servers with" };
  if (plan.kind === "reload")
    return { how: "reloaded", why: plan.reason ?? "its texts are unknown" };
  const servers = plan.changed;
  if (plan.kind === "none") return { how: "adjusted", servers };
  if (!areInFiles) return { how: "adjusted", servers, unasked: otherFiles };
  const conflicts = await live.conflicts(plan, signal);
  if ("reason" in conflicts) return { how: "adjusted", servers, unasked: conflicts.reason };
  return conflicts.length > 0
    ? { how: "reloaded", why: conflicts.join(", ") }
    : { how: "adjusted", servers };
}

const otherFiles = "its files have other texts than those that the change starts from";
