import { Fault } from "../base/fault.ts";
import type { Source, Sources } from "./contract.ts";
import { sourceName } from "./engine/engine.ts";
import type { Finding } from "./engine/findings.ts";
import { judge, type Parsed } from "./engine/judge.ts";
import { bindNames } from "./engine/let.ts";
import { parse } from "./engine/parse.ts";
import { builtIn, verify } from "./engine/verify.ts";
import { inspectGo } from "./go/inspect.ts";
import { helpers } from "./helpers/all.ts";
import type { Readable } from "./readable.ts";

/** Every mistake in a template and its partials that can be found without data, by file and position. */
export function inspect(sources: Sources, readable: Readable): readonly Finding[] {
  if (sources.main.language === "go") {
    return [...inspectGo(sources.main, readable)].sort(byPosition(sources.main.name));
  }
  const findings: Finding[] = [];
  const verified: Finding[] = [];
  const known = {
    helpers: new Set([...builtIn.keys(), ...Object.keys(helpers)]),
    partials: new Set(sources.partials.keys()),
  };
  const parsed = (source: Source, name: string): Parsed | undefined => {
    try {
      const one = { name, program: parse(source) };
      verified.push(...verify(one.program, { name, text: source.text }, known));
      bindNames(one.program);
      return one;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      findings.push({ at: positionIn(error, name), fault: error });
      return undefined;
    }
  };
  const main = parsed(sources.main, sources.main.name);
  const partials = new Map<string, Parsed>();
  for (const [name, source] of sources.partials) {
    const partial = parsed(source, sourceName(sources, name));
    if (partial) partials.set(name, partial);
  }
  findings.push(...verified);
  if (main) findings.push(...judge(main, { helpers, partials, ...readable }));
  return findings.sort(byPosition(sources.main.name));
}

/** The position in the message of a syntax error. */
function positionIn({ message }: Fault, template: string): Finding["at"] {
  const [, line = 1, column = 1] = /^(?:.*?):(\d+):(\d+): /.exec(message) ?? [];
  return { template, line: Number(line), column: Number(column) };
}

function byPosition(first: string): (a: Finding, b: Finding) => number {
  const rank = ({ at }: Finding) => (at.template === first ? 0 : 1);
  return (a, b) =>
    rank(a) - rank(b) ||
    (a.at.template < b.at.template ? -1 : a.at.template > b.at.template ? 1 : 0) ||
    a.at.line - b.at.line ||
    a.at.column - b.at.column;
}
