import { examineConfig } from "../../lib/config/load.ts";
import { formatPosition, type Problem, problemLines } from "../../lib/config/located/problem.ts";
import { nodeAt, type ObjectNode } from "../../lib/config/located/tree.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { templatesIn } from "../../lib/config/templates-in.ts";
import type { World } from "../world.ts";

/** A configuration with its templates, as far as it can be understood, and every problem in them. */
export interface ExaminedAll {
  readonly plan: Plan | undefined;
  readonly root: ObjectNode | undefined;
  readonly problems: readonly Problem[];
  /** Sentences that begin with a position. */
  readonly warnings: readonly string[];
}

/** Reads configuration and templates. `more` has further problems of a configuration. Throws CONFIG_UNREADABLE. */
export async function examine(
  files: readonly string[],
  world: World,
  more: (root: ObjectNode) => Promise<readonly Problem[]> = async () => [],
): Promise<ExaminedAll> {
  const { plan, root, problems, warnings } = await examineConfig(files, world);
  const all = [...problems];
  if (root) {
    addUnreported(all, await more(root));
    if (templatesIn(root).length > 0) {
      const { templateProblems } = await import("./templates.ts");
      addUnreported(all, await templateProblems(root, world));
    }
    if (nodeAt(root, ["exec", "env"])) {
      const { variableProblems } = await import("./variables.ts");
      addUnreported(all, variableProblems(root));
    }
  }
  return { plan, root, problems: all, warnings: problemLines(warnings) };
}

/** One problem for each position: a command that is invalid for several reasons needs one correction. */
function addUnreported(all: Problem[], found: readonly Problem[]): void {
  const reported = new Set(all.map(({ position }) => formatPosition(position)));
  all.push(...found.filter(({ position }) => !reported.has(formatPosition(position))));
}
