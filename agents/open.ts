import { FaultReports } from "../lib/base/fault-reporter.ts";
import { supervise } from "../lib/base/supervise.ts";
import type { PresencePlan, WatchPlan } from "../lib/config/plan.ts";
import {
  recordPath,
  requestedPath,
  type Selection,
  snapshotCachePath,
} from "../lib/status/paths.ts";
import type { AgentsDeps } from "./deps.ts";
import type { Program } from "./exec/program.ts";
import type { Destinations } from "./presence/destinations/destinations.ts";
import type { OpenDestinations, OpenDestinationsDeps } from "./presence/destinations/open.ts";
import type { Presences } from "./presence/parts.ts";
import type { Watch } from "./watch/contract.ts";
import type { GroupDeps, TemplateGroup } from "./watch/groups.ts";

/** The destinations of the presence agent; undefined where there is none. */
export async function openDestinations(
  plan: PresencePlan | undefined,
  selection: Selection,
  deps: AgentsDeps & Pick<OpenDestinationsDeps, "onDestinationRequest">,
): Promise<OpenDestinations | undefined> {
  if (!plan?.destinations) return undefined;
  // Loaded on use: most configurations have no destination.
  const { openDestinations: open } = await import("./presence/destinations/open.ts");
  return await open(plan.destinations, recordPath(selection, deps), deps);
}

/** Each agent is loaded where it runs: one without templates has no use for the template language. */
export async function openPresence(
  plan: PresencePlan,
  selection: Selection,
  destinations: Destinations | undefined,
  deps: AgentsDeps & { readonly program: Program | undefined },
): Promise<Presences> {
  const [{ createPresences }, { withDestinations }] = await Promise.all([
    import("./presence/parts.ts"),
    import("./presence/destinations/beside.ts"),
  ]);
  const path = requestedPath(selection, deps);
  const program = deps.program?.standing;
  const agent = await createPresences(plan, path, { ...deps, destinations, program });
  return withDestinations(agent, destinations, plan.shutdownTimeoutMs);
}

/** Reads the templates. Throws the RENDER_ fault of the first one that cannot be used. */
export async function openGroups(
  plan: WatchPlan,
  deps: GroupDeps,
): Promise<readonly TemplateGroup[]> {
  return await (await import("./watch/groups.ts")).openGroups(plan, deps);
}

/** Reads the templates; where resources are lacking, again after a while. */
export async function openGroupsPatiently(
  plan: WatchPlan,
  deps: AgentsDeps & GroupDeps,
  signal: AbortSignal,
): Promise<readonly TemplateGroup[]> {
  const reporter = new FaultReports("the templates", deps.log, deps.clock).reporter();
  return await supervise(
    async (succeeded) => {
      const opened = await openGroups(plan, deps);
      succeeded();
      return opened;
    },
    { backoff: { firstMs: 1000, maxMs: 10_000 }, reporter },
    deps,
    signal,
  );
}

export async function openWatch(
  plan: WatchPlan,
  groups: readonly TemplateGroup[],
  selection: Selection,
  deps: AgentsDeps & { readonly id: string },
): Promise<Watch> {
  const { createWatch } = await import("./watch/agent.ts");
  const { files, section } = selection;
  const cachePath = plan.snapshotCache ?? snapshotCachePath(files, section, deps) ?? false;
  return await createWatch(plan, groups, { cachePath, id: deps.id }, deps);
}

/** Unique among all watchers: machines may have the same name, and processes in containers the same process id. */
export function watcherId({
  hostName,
  pid,
  random,
}: Pick<AgentsDeps, "hostName" | "pid" | "random">): string {
  const mark = Math.floor(random() * 36 ** 4).toString(36);
  return `${hostName}.${pid}.${mark.padStart(4, "0")}`;
}
