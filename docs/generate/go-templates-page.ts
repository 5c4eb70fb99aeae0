import { goTables } from "../../lib/render/go/functions/all.ts";
import { sidekickFunctions } from "../../lib/render/go/vocabulary.ts";
import { markdownTable } from "./markdown.ts";

/** The tables of every function of Go templates, for `docs/go-templates.md`. */
export function goFunctionsReference(): string {
  const [builtin, ...others] = goTables;
  const confd = others.slice(0, 4);
  const sprig = others.slice(4);
  return [
    ...section("Functions of Go", [builtin ?? {}]),
    ...section("Functions of confd", confd),
    ...section("Functions of sprig and of confd's fork", sprig),
    ...section("Functions of sidekick", [sidekickFunctions]),
  ].join("\n\n");
}

interface Documented {
  readonly usage: string;
  readonly returns: string;
}

function section(
  title: string,
  tables: readonly Readonly<Record<string, Documented>>[],
): readonly string[] {
  const rows = tables
    .flatMap((table) => Object.values(table))
    .map(({ usage, returns }) => [`\`${usage}\``, returns]);
  return [`## ${title}`, markdownTable(["function", "returns"], rows)];
}
