import {
  type Helper,
  HelperError,
  InvalidArgument,
  type Keys,
  type RenderContext,
} from "../helpers/contract.ts";
import { TemplateKeys } from "../keys.ts";
import type { Prefixes } from "../prefixes.ts";

/** An argument of a call, as far as the template shows it. */
export type Argument = { readonly value: unknown } | "unknown";

/** The result of a call, as far as it depends on the template alone, or why the call fails whatever the keyspace has. */
export type Trial = { readonly result: Argument } | { readonly problem: string };

/** The call needs the keyspace, the environment or a name server. */
class Undecided extends Error {}

/** One value of each type, and texts that helpers can read: an argument that is not known may be any of them. */
const candidates: readonly unknown[] = [1, "1", "{}", "[]", "", true, [], {}];

/**
 * Calls a helper without a keyspace. A call with unknown arguments fails for certain if it fails for every candidate, and
 * each time for the same reason or because of an argument that is known.
 */
export function tryCall(helper: Helper, args: readonly Argument[], context: RenderContext): Trial {
  const isKnown = args.every((one) => one !== "unknown");
  const trials = (isKnown ? [undefined] : candidates).map((candidate) => {
    const values = args.map((one) => (one === "unknown" ? candidate : one.value));
    return attempt(helper, values, context);
  });
  const problems: HelperError[] = [];
  for (const trial of trials) {
    if (!(trial instanceof HelperError)) {
      return { result: isKnown && helper.pure && trial !== "undecided" ? trial : "unknown" };
    }
    problems.push(trial);
  }
  const own = problems.find((one) => one instanceof InvalidArgument && args[one.at] !== "unknown");
  const isSame = new Set(problems.map(({ message }) => message)).size === 1;
  const problem = own ?? (isSame ? problems[0] : undefined);
  return problem ? { problem: problem.message } : { result: "unknown" };
}

function attempt(
  { run }: Helper,
  args: readonly unknown[],
  context: RenderContext,
): { readonly value: unknown } | "undecided" | HelperError {
  try {
    return { value: run(args, context) };
  } catch (error) {
    if (error instanceof HelperError) return error;
    if (error instanceof Undecided) return "undecided";
    throw error;
  }
}

/** A context without any data: what a helper would read from it is undecided, unless it may not read it. */
export function trialContext(prefixes: Prefixes): RenderContext {
  const undecided = () => {
    throw new Undecided();
  };
  return {
    keys: trialKeys(new TemplateKeys(prefixes), undecided),
    get services() {
      return undecided();
    },
    env: undecided,
    now: new Date(0),
    lookups: { ip: undecided, srv: undecided },
  };
}

function trialKeys(keys: TemplateKeys, undecided: () => never): Keys {
  const read = (of: (path: string) => unknown) => (path: string) => {
    of(path);
    return undecided();
  };
  const search = (of: (glob: string) => unknown) =>
    read((glob) => {
      if (!/^\\?\//.test(glob)) {
        throw new HelperError(`${glob} matches no key: every key begins with /`);
      }
      return of(glob);
    });
  return {
    get: read((key) => keys.get(key)),
    has: undecided,
    matching: search((glob) => keys.matching(glob)),
    valuesMatching: search((glob) => keys.matching(glob)),
    names: read((folder) => keys.names(folder)),
    folders: read((folder) => keys.folders(folder)),
    keysContaining: undecided,
  };
}
