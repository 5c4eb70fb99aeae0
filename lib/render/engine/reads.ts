import { keys as keyHelpers } from "../helpers/keys.ts";
import { argumentsOf, type Expression, isCall, isPath, soleName } from "./walk.ts";

/** Whether a template reads the keyspace, or a partial that it includes does: a helper for keys, or `services`. */
export function readsKeyspace(
  program: hbs.AST.Program | undefined,
  partials: ReadonlyMap<string, hbs.AST.Program>,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  return (program?.body ?? []).some((statement) => {
    switch (statement.type) {
      case "MustacheStatement":
        return callReads(statement as hbs.AST.MustacheStatement);
      case "BlockStatement": {
        const block = statement as hbs.AST.BlockStatement;
        const parts = [block.program, block.inverse];
        return callReads(block) || parts.some((part) => readsKeyspace(part, partials, seen));
      }
      case "PartialStatement": {
        const partial = statement as hbs.AST.PartialStatement;
        const name = soleName(partial.name as Expression) ?? "";
        if (argumentsOf(partial).some(reads)) return true;
        if (seen.has(name)) return false;
        return readsKeyspace(partials.get(name), partials, new Set([...seen, name]));
      }
      default:
        return false;
    }
  });
}

function callReads(call: Parameters<typeof argumentsOf>[0] & { readonly path: unknown }): boolean {
  return reads(call.path as Expression) || argumentsOf(call).some(reads);
}

function reads(value: Expression): boolean {
  if (isCall(value)) return callReads(value);
  if (!isPath(value)) return false;
  const head = String(value.parts[0] ?? "");
  return head === "services" || Object.hasOwn(keyHelpers, soleName(value) ?? "");
}
