import { existsSync } from "node:fs";
import { Fault } from "../../../lib/base/fault.ts";
import type { Change } from "../../../lib/proxy/contract.ts";
import type { TemplateGroup } from "../groups.ts";

/**
 * Whether a change has to wait until it is the turn of the group. Only reloads wait. One does not wait while no client depends on
 * the proxy (it does not run, or its files are not there yet), nor if an agent drains an instance (`isUrgent`) that nothing but a reload drains.
 */
export async function mustWait(
  group: TemplateGroup,
  change: Change,
  isUrgent: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { turn, proxy } = group;
  if (!turn || !proxy) return false;
  turn.isExempt = false;
  if (turn.isHeld || proxy.canAdjust?.(change)) return false;
  turn.isExempt =
    (isUrgent && !servesMeanwhile(group)) || isFirst(group) || (await isDown(group, signal));
  return !turn.isExempt;
}

/** Whether a change was begun that turned out to need a reload, or for which the turn was lost: nothing of it is left. */
export function needsTurn({ turn }: TemplateGroup, error: unknown): boolean {
  if (!turn || !(error instanceof Fault)) return false;
  if (error.code === "KEYSPACE_TURN_LOST") turn.lose();
  return error.code === "KEYSPACE_TURN_LOST" || error.code === "PROXY_RELOAD_WAITS";
}

/** Whether the servers of the proxy are changed at run time while a reload waits. */
export function servesMeanwhile({ proxy, verified }: TemplateGroup): boolean {
  return verified !== undefined && proxy?.servers?.graft !== undefined;
}

function isFirst({ files }: TemplateGroup): boolean {
  return files.some(({ plan }) => !existsSync(plan.target.path));
}

async function isDown({ proxy, verified }: TemplateGroup, signal: AbortSignal): Promise<boolean> {
  const texts = [...(verified?.values() ?? [])];
  const observed = await proxy?.observe?.(texts, signal);
  return observed?.state === "down";
}
