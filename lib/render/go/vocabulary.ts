import { helpers } from "../helpers/all.ts";
import type { Helper, Helpers } from "../helpers/contract.ts";
import { pure } from "../helpers/define.ts";
import { core } from "./core.ts";
import { builtin } from "./functions/builtin.ts";
import { confdData } from "./functions/confd-data.ts";
import { confdKeys } from "./functions/confd-keys.ts";
import { confdSystem } from "./functions/confd-system.ts";
import { confdText } from "./functions/confd-text.ts";
import type { GoFunctions } from "./functions/define.ts";
import type { Arity, KnownFunctions } from "./syntax/expressions.ts";
import { firstThat } from "../helpers/logic.ts";
import { truth } from "./values/truth.ts";

/** The functions of Go, of confd and of sprig. */
const functions: GoFunctions = { ...confdData, ...confdKeys, ...confdSystem, ...confdText, ...builtin };

const services: Helper = {
  usage: "services",
  returns: "the services, each with `name` and `instances`",
  pure: false,
  run: (_, context) => context.services,
};

/** What Go templates have besides: sidekick's own helpers. */
const own: Helpers = {
  services,
  unchecked: pure("unchecked value", "the value, which the file's format check does not see where it is written", (args) => args.all[0]),
};

const logic = {
  and: { ...(builtin.and as Helper), run: (args: readonly unknown[]) => firstThat((one) => !truth(one), args) },
  or: { ...(builtin.or as Helper), run: (args: readonly unknown[]) => firstThat(truth, args) },
};

/** Everything that a lowered template may call. */
export const vocabulary: Helpers = { ...helpers, ...own, ...functions, ...logic, ...core };

/** The functions that a template may name. */
export const knownFunctions: KnownFunctions = new Map(
  Object.entries(vocabulary)
    .filter(([name]) => !name.startsWith("@"))
    .map(([name, helper]) => [name, arityOf(name, helper)]),
);

function arityOf(name: string, { usage }: Helper): Arity {
  if (Object.hasOwn(functions, name)) {
    const { signature } = functions[name] as GoFunctions[string];
    const { length } = signature.parameters;
    return { least: length, most: signature.rest ? Number.POSITIVE_INFINITY : length };
  }
  const [, ...names] = usage.split(" ");
  const least = usage.replace(/ \[.*/, "").split(" ").length - 1;
  return { least, most: usage.includes("...") ? Number.POSITIVE_INFINITY : names.length };
}
