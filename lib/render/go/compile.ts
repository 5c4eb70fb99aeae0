import type { EscapeFormat, Source, Template } from "../contract.ts";
import { isStackOverflow } from "../engine/calls.ts";
import { compileTrees } from "../engine/engine.ts";
import { faults } from "../faults.ts";
import { lower } from "./lower/lower.ts";
import { parseGo } from "./syntax/parse.ts";
import { printed } from "./values/print.ts";
import { knownFunctions, vocabulary } from "./vocabulary.ts";

/**
 * Parses and compiles a Go template. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME with line and column: every error that does not
 * depend on values is found here, before the first rendering.
 */
export function compileGo(source: Source, format: EscapeFormat): Template {
  return withinStack(source, () => {
    const { tree, mistakes, placeOf } = parseGo(source, knownFunctions);
    const [mistake] = mistakes;
    if (mistake) throw mistake.fault;
    if (!tree) throw new Error(`${source.name} has neither a tree nor a mistake`);
    return compileTrees(lower(source, tree, placeOf), format, vocabulary, printed);
  });
}

/** Reads a template. Throws RENDER_SYNTAX for one whose blocks and declarations are nested deeper than the stack. */
export function withinStack<T>({ name }: Source, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    const problem = "it is nested too deeply, or declares more than a thousand variables in a row";
    throw faults.RENDER_SYNTAX({ template: name, line: 1, column: 1, problem });
  }
}
