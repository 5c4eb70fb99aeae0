import type { Source } from "../../contract.ts";
import type { Trees } from "../../engine/engine.ts";
import type { Parsed } from "../../engine/judge.ts";
import type { Place } from "../syntax/mistakes.ts";
import type { Definition, GoTree } from "../syntax/tree.ts";
import type { Binding, Environment } from "./environment.ts";
import { Nodes } from "./nodes.ts";
import { StatementLowering } from "./statements.ts";

/**
 * Lowers a Go template to the syntax tree of Handlebars. Dot and variables become block parameters, variables with an
 * assignment become cells, and the templates that it defines become partials.
 */
export function lower(source: Source, tree: GoTree, placeOf: (offset: number) => Place): Trees {
  const lowering = new StatementLowering(new Nodes(source, placeOf), partialName);
  const named = (program: hbs.AST.Program): Parsed => ({ name: source.name, program });
  const isOwn = tree.invoked.has(source.name) && !tree.defined.has(source.name);
  const all = isOwn ? new Map([...tree.defined, [source.name, tree.main]]) : tree.defined;
  const partials = [...all].map(
    ([name, one]) => [partialName(name), named(invoked(lowering, one))] as const,
  );
  const nil: Binding = { constant: undefined };
  const main = lowering.list(tree.main.statements, beginning(tree.main, nil));
  return { main: named(lowering.nodes.program(main)), partials: new Map(partials) };
}

function partialName(template: string): string {
  return `template ${JSON.stringify(template)}`;
}

/** The program of a template that is invoked: its dot is the context. */
function invoked(lowering: StatementLowering, definition: Definition): hbs.AST.Program {
  const dot = lowering.names.fresh("dot");
  const body = lowering.list(definition.statements, beginning(definition, { param: dot }));
  const { nodes } = lowering;
  return nodes.program([lowering.let(0, nodes.context(0), dot, body)]);
}

function beginning({ root }: Definition, dot: Binding): Environment {
  return { dot, variables: new Map([[root, dot]]), loop: undefined };
}
