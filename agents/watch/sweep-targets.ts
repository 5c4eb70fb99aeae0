import { sweep } from "../../lib/install/sweep.ts";
import type { TemplateGroup } from "./groups.ts";

/** Removes what an earlier process has left beside the files of groups. */
export async function sweepTargets(groups: readonly TemplateGroup[]): Promise<void> {
  await sweep(...groups.flatMap(({ files }) => files.map(({ plan }) => plan.target)));
}
