import type { Escape, Source } from "../../contract.ts";
import { faults } from "../../faults.ts";
import { withinStack } from "../compile.ts";
import { parseGo } from "../syntax/parse.ts";
import { knownFunctions } from "../vocabulary.ts";
import { Kept } from "./kept.ts";
import { layOut } from "./layout.ts";
import { rotated } from "./rotate.ts";
import { StatementConversion } from "./statements.ts";

/** The Handlebars template that a Go template becomes, or why it stays one. */
export type ConvertedTemplate =
  | { readonly text: string }
  /** Line and column count from 1; `why` is a clause. */
  | { readonly line: number; readonly column: number; readonly why: string };

/**
 * Converts a Go template for a file whose format has the check `escape`. Where its text depends on what only Go has, it
 * stays. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME, as compiling it does.
 */
export function convertGo(source: Source, escape: Escape): ConvertedTemplate {
  return withinStack(source, () => {
    const { tree, mistakes, placeOf } = parseGo(source, knownFunctions);
    const [mistake] = mistakes;
    if (mistake) throw mistake.fault;
    if (!tree)
      throw faults.RENDER_SYNTAX({ template: source.name, line: 1, column: 1, problem: "" });
    const kept = (at: number, why: string) => ({ ...placeOf(at), why });
    try {
      const { statements } = tree.main;
      const scope = { dot: undefined, variables: new Map(), names: new Set<string>() };
      const pieces = new StatementConversion(escape).list(statements, scope);
      const text = layOut(rotated(pieces)) ?? layOut(pieces);
      return text === undefined
        ? kept(0, "braces in its text have a meaning in Handlebars")
        : { text };
    } catch (error) {
      if (error instanceof Kept) return kept(error.at, error.message);
      throw error;
    }
  });
}
