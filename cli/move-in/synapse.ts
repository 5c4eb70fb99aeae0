import { loadSynapsePlan } from "../../lib/config/compat/synapse/load.ts";
import type { Plan } from "../../lib/config/plan.ts";
import { parsedOptions } from "../in-place-of.ts";
import type { World } from "../world.ts";

const options = {
  config: { type: "string", short: "c" },
  help: { type: "boolean", short: "h" },
} as const;

/** A command line of Synapse; the problem as a sentence. */
export function parseSynapse(
  args: readonly string[],
): { readonly help: boolean; readonly file: string | undefined } | string {
  const given = parsedOptions(args, options);
  if (typeof given === "string") return given;
  return { help: given.help === true, file: given.config || undefined };
}

export const noSynapseFile = "a configuration is missing: expected -c FILE";

/** The plan, and sentences about settings without an effect. Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
export async function readSynapse(
  file: string,
  world: World,
): Promise<{ readonly plan: Plan; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const onWarning = (sentence: string) => warnings.push(sentence);
  return { plan: await loadSynapsePlan(file, { ...world, onWarning }), warnings };
}
