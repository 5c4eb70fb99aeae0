import { sweep } from "../../lib/install/sweep.ts";
import type { TemplateGroup } from "./groups.ts";

/** Removes what an earlier process has left beside the files of groups; but not beside those of `busy` ones, which may be written now. */
export async function sweepTargets(
  groups: readonly TemplateGroup[],
  busy: readonly TemplateGroup[] = [],
): Promise<void> {
  const targets = (some: readonly TemplateGroup[]) =>
    some.flatMap(({ files }) => files.map(({ plan }) => plan.target));
  const written = new Set(targets(busy).map(({ path }) => path));
  await sweep(...targets(groups).filter(({ path }) => !written.has(path)));
}
