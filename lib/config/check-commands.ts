import { type ConfiguredCommand, commandsIn } from "./commands.ts";
import type { Problem } from "./located/problem.ts";
import type { Shape } from "./located/shape.ts";
import { formatPath, type ObjectNode } from "./located/tree.ts";

/** Check commands that do not check the new text: they would approve whatever is rendered. */
export function checkCommandProblems(root: ObjectNode, shape: Shape): readonly Problem[] {
  return commandsIn(root, shape).filter(isCheckCommand).flatMap(problemOf);
}

function isCheckCommand({ path }: ConfiguredCommand): boolean {
  const [section, list] = path;
  return section === "watch" && list === "templates" && path[3] === "check";
}

/** Placeholders that are meant for a path, and are not replaced. */
const foreign: readonly (readonly [RegExp, string])[] = [
  [/\{target\}/, "is not replaced, and the target is still the previous file"],
  [/\{\{\s*\.(src|dest)\s*\}\}/, "is confd's, and is not replaced"],
];

function problemOf({ path, node, argv }: ConfiguredCommand): readonly Problem[] {
  const problems = argv.flatMap((argument, i) =>
    foreign.flatMap(([pattern, why]): readonly Problem[] => {
      const [found] = pattern.exec(argument) ?? [];
      if (found === undefined) return [];
      const position = node.items[i]?.position ?? node.position;
      const message = `${formatPath([...path, i])}: ${found} ${why}: write {candidate}`;
      return [{ position, message }];
    }),
  );
  if (problems.length > 0 || argv.some((argument) => argument.includes("{candidate}"))) {
    return problems;
  }
  const consequence = "the command would check something else, and approve any text";
  const message = `${formatPath(path)} has no {candidate}, which stands for the file with the new text: ${consequence}`;
  return [{ position: node.position, message }];
}
