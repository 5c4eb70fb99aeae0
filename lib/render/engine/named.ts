import Handlebars from "handlebars";
import type { Helpers } from "../helpers/contract.ts";

/** The helpers that a template names. Handlebars copies the table for every rendering. */
export function namedIn(programs: readonly hbs.AST.Program[], helpers: Helpers): Helpers {
  const collector = new Collector();
  for (const program of programs) collector.accept(program);
  return Object.fromEntries(Object.entries(helpers).filter(([name]) => collector.names.has(name)));
}

class Collector extends Handlebars.Visitor {
  readonly names = new Set<string>();

  override PathExpression({ parts }: hbs.AST.PathExpression): void {
    this.names.add(String(parts[0]));
  }
}
