import type { Escape } from "../../contract.ts";
import type { Command, Operand, Pipe } from "../syntax/tree.ts";

/** The functions that write their own strings beside values, of which Go templates check the values alone. */
const composing: ReadonlySet<string> = new Set([
  ...["join", "or", "and", "replace", "toUpper", "toLower", "trimSuffix"],
]);

/** A string of the template in the text of a pipe that the format of the file would reject as a value. */
export function foundUnsafe(pipe: Pipe, escape: Escape): string | undefined {
  const isUnsafe = (text: string) => escape(text) !== undefined;
  return pipe.commands.flatMap(stringsOf).find(isUnsafe);
}

function stringsOf({ head, args }: Command): readonly string[] {
  return head.kind === "function" && composing.has(head.name) ? args.flatMap(stringsIn) : [];
}

function stringsIn(operand: Operand): readonly string[] {
  if (operand.kind === "literal") {
    return typeof operand.value === "string" ? [operand.value] : [];
  }
  if (operand.kind !== "pipe") return [];
  return operand.commands.flatMap(({ args }) => args.flatMap(stringsIn));
}
