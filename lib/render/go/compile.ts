import type { EscapeFormat, Source, Template } from "../contract.ts";
import { compileTrees } from "../engine/engine.ts";
import { lower } from "./lower/lower.ts";
import { parseGo } from "./syntax/parse.ts";
import { knownFunctions, vocabulary } from "./vocabulary.ts";

/**
 * Parses and compiles a Go template. Throws RENDER_SYNTAX or RENDER_UNKNOWN_NAME with line and column: every error that does not
 * depend on values is found here, before the first rendering.
 */
export function compileGo(source: Source, format: EscapeFormat): Template {
  const { tree, mistakes, placeOf } = parseGo(source, knownFunctions);
  const [mistake] = mistakes;
  if (mistake) throw mistake.fault;
  if (!tree) throw new Error(`${source.name} has neither a tree nor a mistake`);
  return compileTrees(lower(source, tree, placeOf), format, vocabulary);
}
