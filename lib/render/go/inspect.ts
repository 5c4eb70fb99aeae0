import { Fault } from "../../base/fault.ts";
import type { Source } from "../contract.ts";
import type { Finding } from "../engine/findings.ts";
import { judge } from "../engine/judge.ts";
import type { Prefixes } from "../prefixes.ts";
import { withinStack } from "./compile.ts";
import { goResultKind, memberReaders } from "./kinds.ts";
import { lower } from "./lower/lower.ts";
import { parseGo } from "./syntax/parse.ts";
import { functions, knownFunctions } from "./vocabulary.ts";

/** Every mistake in a Go template that can be found without data. */
export function inspectGo(
  source: Source,
  readable: { readonly prefixes: Prefixes; readonly services: string },
): readonly Finding[] {
  try {
    return withinStack(source, () => {
      const { tree, mistakes, placeOf } = parseGo(source, knownFunctions);
      if (!tree || mistakes.length > 0) return mistakes;
      const { main, partials } = lower(source, tree, placeOf);
      const kinds = { resultKind: goResultKind, memberReaders };
      return judge(main, { helpers: functions, partials, ...kinds, ...readable });
    });
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ at: { template: source.name, line: 1, column: 1 }, fault: error }];
  }
}
