import { Fault } from "../base/fault.ts";
import type { Source, Sources } from "./contract.ts";
import { sourceName } from "./engine/engine.ts";
import type { Finding } from "./engine/findings.ts";
import { judge, type Parsed } from "./engine/judge.ts";
import { parse } from "./engine/parse.ts";
import { builtIn, verify } from "./engine/verify.ts";
import { helpers } from "./helpers/all.ts";
import type { Prefixes } from "./prefixes.ts";

/** The part of the keyspace that a template can read. */
export interface Readable {
  readonly prefixes: Prefixes;
  /** The folder of the services; false if all of them have folders of their own. */
  readonly services: string | false;
  /** The folders of the services that have folders of their own, by name. */
  readonly sources?: ReadonlyMap<string, readonly string[]>;
}

/** Every mistake in a template and its partials that can be found without data, by file and position. */
export function inspect(sources: Sources, readable: Readable): readonly Finding[] {
  const findings: Finding[] = [];
  const parsed = (source: Source, name: string): Parsed | undefined => {
    try {
      return { name, program: parse(source) };
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
  const known = {
    helpers: new Set([...builtIn.keys(), ...Object.keys(helpers)]),
    partials: new Set(sources.partials.keys()),
  };
  for (const one of [main, ...partials.values()]) {
    if (one) findings.push(...verify(one.program, one.name, known));
  }
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
