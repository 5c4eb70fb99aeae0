import type { Source } from "../contract.ts";
import { deferFaults } from "./defer.ts";
import type { Parsed } from "./judge.ts";
import { bindNames } from "./let.ts";
import { parse } from "./parse.ts";
import { type Known, verify } from "./verify.ts";

/** The partials that were parsed and verified, once for all templates that share them. */
const verifiedPartials = new WeakMap<ReadonlyMap<string, Source>, ReadonlyMap<string, Parsed>>();

/** Parses partials. Throws RENDER_SYNTAX. */
export function parsePartials(partials: ReadonlyMap<string, Source>): ReadonlyMap<string, Parsed> {
  const known = verifiedPartials.get(partials);
  if (known) return known;
  return new Map(
    Array.from(partials, ([name, source]) => [name, { name: source.name, program: parse(source) }]),
  );
}

/** Verifies parsed partials, all of them, whether a template includes them or not. Throws RENDER_UNKNOWN_NAME or RENDER_SYNTAX. */
export function verifyPartials(
  partials: ReadonlyMap<string, Source>,
  parsed: ReadonlyMap<string, Parsed>,
  known: Known,
): void {
  if (verifiedPartials.get(partials) === parsed) return;
  for (const [name, source] of partials) {
    const program = parsed.get(name)?.program;
    const [mistake] = program ? verify(program, source, known) : [];
    if (mistake) throw mistake.fault;
    if (!program) continue;
    deferFaults(program);
    bindNames(program);
  }
  verifiedPartials.set(partials, parsed);
}

/** The partials that a template includes, by itself or by others: copies, which its compilation may change. */
export function includedBy(
  main: hbs.AST.Program,
  partials: ReadonlyMap<string, Parsed>,
): ReadonlyMap<string, Parsed> {
  const included = new Map<string, Parsed>();
  const include = (program: hbs.AST.Program) => {
    for (const name of namesIn(program)) {
      const found = partials.get(name);
      if (!found || included.has(name)) continue;
      included.set(name, structuredClone(found));
      include(found.program);
    }
  };
  include(main);
  return included;
}

/** The names of the partials in a template. */
function* namesIn(program: hbs.AST.Program | undefined): Generator<string> {
  for (const statement of program?.body ?? []) {
    const {
      program: inner,
      inverse,
      name,
    } = statement as Partial<hbs.AST.BlockStatement & hbs.AST.PartialStatement>;
    if (statement.type === "PartialStatement" && name) {
      yield String((name as hbs.AST.PathExpression).original);
    }
    yield* namesIn(inner);
    yield* namesIn(inverse);
  }
}
