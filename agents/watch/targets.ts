import type { TemplateGroup } from "./groups.ts";

/** The paths of the files of a group, in the order of the configuration. */
export function targetsOf({ files }: Pick<TemplateGroup, "files">): readonly string[] {
  return files.map(({ plan }) => plan.target.path);
}
