import { type Shape, shapesAt } from "./located/shape.ts";
import { type ListNode, type Path, plainValue, type Tree } from "./located/tree.ts";

/** A program with its arguments, as a setting. */
export interface ConfiguredCommand {
  readonly path: Path;
  readonly node: ListNode;
  readonly argv: readonly string[];
}

/** Every command of a configuration: check commands, health checks and reloads. One that is no list of strings is left out. */
export function commandsIn(root: Tree, shape: Shape): readonly ConfiguredCommand[] {
  const value = plainValue(root);
  const commandsAt = (tree: Tree, path: Path): readonly ConfiguredCommand[] => {
    if (tree.kind === "object") {
      return [...tree.fields].flatMap(([key, field]) => commandsAt(field.value, [...path, key]));
    }
    if (tree.kind === "scalar") return [];
    const isCommand = shapesAt(shape, value, path).some(({ title }) => title === "command");
    if (!isCommand) return tree.items.flatMap((item, i) => commandsAt(item, [...path, i]));
    const argv = tree.items.map(plainValue);
    const isValid = argv.length > 0 && argv.every((one) => typeof one === "string");
    return isValid ? [{ path, node: tree, argv }] : [];
  };
  return commandsAt(root, []);
}
