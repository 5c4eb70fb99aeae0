import { Arguments } from "./arguments.ts";
import { type Helper, HelperError, type RenderContext } from "./contract.ts";

type Implementation = (args: Arguments, context: RenderContext) => unknown;

/** A helper with a result that depends on its arguments alone. */
export function pure(
  usage: string,
  returns: string,
  implementation: (args: Arguments) => unknown,
): Helper {
  return { usage, returns, pure: true, run: checkingCount(usage, implementation) };
}

/** A helper that reads keys, services or the environment as well: the result depends on nothing else. */
export function recorded(usage: string, returns: string, implementation: Implementation): Helper {
  return { ...impure(usage, returns, implementation), isRecorded: true };
}

/** A helper that reads anything else as well: the time, files, DNS. A text that it is called for is never known to be the same. */
export function impure(usage: string, returns: string, implementation: Implementation): Helper {
  return { usage, returns, pure: false, run: checkingCount(usage, implementation) };
}

/**
 * Accepts as many arguments as the usage shows: `name a [b]` takes one or two, `name a...` one or more,
 * `name [a...]` any number. Throws a HelperError for any other number.
 */
function checkingCount(usage: string, implementation: Implementation): Helper["run"] {
  const [name = "", ...names] = usage.split(" ");
  const min = usage.replace(/ \[.*/, "").split(" ").length - 1;
  const max = usage.includes("...") ? Number.POSITIVE_INFINITY : names.length;
  return (args, context) => {
    if (args.length >= min && args.length <= max) {
      return implementation(new Arguments(name, args), context);
    }
    const count = args.length === 1 ? "1 argument" : `${args.length} arguments`;
    throw new HelperError(`${name} was called with ${count}; usage: ${usage}`);
  };
}
