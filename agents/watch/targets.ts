import type { TemplateGroup } from "./groups.ts";

/** The paths of the files of a group, in the order of the configuration. */
export function targetsOf({ files }: Pick<TemplateGroup, "files">): readonly string[] {
  return files.map(({ plan }) => plan.target.path);
}

/** Whether an operator means the file at a path: by the path, or by the end of it. */
export function isNamed(path: string, asked: string): boolean {
  return path === asked || path.endsWith(`/${asked}`);
}
