import { goTables } from "../../lib/render/go/functions/all.ts";
import { unsupported } from "../../lib/render/go/functions/unsupported.ts";
import { sidekickFunctions } from "../../lib/render/go/vocabulary.ts";
import { markdownTable } from "./markdown.ts";

/** The table of every function of Go templates, for `docs/go-functions.md`. */
export function functionsReference(): string {
  const all = goTables.flatMap((table) => Object.values(table));
  const rows = all.map(({ signature, returns }) => [`\`${signature.declaration}\``, returns]);
  return markdownTable(["function", "returns"], rows);
}

/** The table of the functions that only sidekick has, for `docs/go-templates.md`. */
export function sidekickReference(): string {
  const all = Object.values(sidekickFunctions);
  const rows = all.map(({ usage, returns }) => [`\`${usage}\``, returns]);
  return markdownTable(["function", "returns"], rows);
}

/** The table of the functions that are refused, by reason. */
export function unsupportedReference(): string {
  const byReason = Map.groupBy(unsupported, ([, reason]) => reason);
  const rows = Array.from(byReason, ([reason, functions]) => [
    functions.map(([name]) => `\`${name}\``).join(", "),
    reason,
  ]);
  return markdownTable(["refused", "reason"], rows);
}
