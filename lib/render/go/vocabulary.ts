import { helpers } from "../helpers/all.ts";
import type { Helper, Helpers } from "../helpers/contract.ts";
import { pure } from "../helpers/define.ts";
import { firstThat } from "../helpers/logic.ts";
import { core } from "./core.ts";
import { goFunctions } from "./functions/all.ts";
import { unsupported } from "./functions/unsupported.ts";
import type { Arity, KnownFunctions } from "./syntax/expressions.ts";
import { truth } from "./values/truth.ts";

const services: Helper = {
  usage: "services",
  returns: "the services, each with `name` and `instances`",
  pure: false,
  isRecorded: true,
  run: (_, { services, reads }) => {
    reads?.allServices();
    return services;
  },
};

/** Functions that only Go templates need: Handlebars has other ways for them. */
const own: Helpers = {
  services,
  unchecked: pure(
    "unchecked value",
    "the value, which the file's format check does not see where it is written",
    (args) => args.all[0],
  ),
};

const { and, or } = goFunctions as Readonly<Record<"and" | "or", Helper>>;

/** These throw the fault of an argument only if they come to it. */
const logic: Helpers = {
  and: { ...and, run: (args) => firstThat((value) => !truth(value), args) },
  or: { ...or, run: (args) => firstThat(truth, args) },
};

/** What Go templates have besides the functions of Go, confd and sprig: these, and the helpers of Handlebars templates. */
export const sidekickFunctions: Helpers = Object.fromEntries(
  Object.entries({ ...own, ...helpers }).filter(([name]) => !Object.hasOwn(goFunctions, name)),
);

/** The functions of Go templates. Where two have one name, it is that of Go or confd. */
export const functions: Helpers = { ...sidekickFunctions, ...goFunctions, ...logic };

/** Everything that a lowered template calls. */
export const vocabulary: Helpers = { ...functions, ...core };

/** The functions that a template may name. */
export const knownFunctions: KnownFunctions = {
  arities: new Map(
    Object.entries(functions).map(([name, helper]) => [name, arityOf(name, helper)]),
  ),
  refused: unsupported,
};

function arityOf(name: string, { usage }: Helper): Arity {
  const signature = Object.hasOwn(goFunctions, name) ? goFunctions[name]?.signature : undefined;
  if (signature) {
    const { length } = signature.parameters;
    return { least: length, most: signature.rest ? Number.POSITIVE_INFINITY : length };
  }
  const [, ...names] = usage.split(" ");
  const least = usage.replace(/ \[.*/, "").split(" ").length - 1;
  return { least, most: usage.includes("...") ? Number.POSITIVE_INFINITY : names.length };
}
