import { type Helper, HelperError, type Scene } from "./contract.ts";
import { Given } from "./given.ts";

type Work = (given: Given, scene: Scene) => unknown;

/** A helper whose result depends on its arguments alone. */
export function pure(usage: string, gives: string, work: (given: Given) => unknown): Helper {
  return { usage, gives, pure: true, run: counted(usage, work) };
}

/** A helper that looks around: at keys, services, the environment, the time. */
export function looking(usage: string, gives: string, work: Work): Helper {
  return { usage, gives, pure: false, run: counted(usage, work) };
}

/**
 * Lets `work` have as many arguments as its usage allows: `name a [b]` one or two, `name a...` one or
 * more, `name [a...]` any number.
 */
function counted(usage: string, work: Work): Helper["run"] {
  const [name = "", ...names] = usage.split(" ");
  const least = usage.replace(/ \[.*/, "").split(" ").length - 1;
  const most = usage.includes("...") ? Number.POSITIVE_INFINITY : names.length;
  return (args, scene) => {
    if (args.length >= least && args.length <= most) return work(new Given(name, args), scene);
    const count = args.length === 1 ? "1 argument" : `${args.length} arguments`;
    throw new HelperError(`${name} was given ${count}, but is used as: ${usage}`);
  };
}
