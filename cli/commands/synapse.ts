import { loadSynapsePlan } from "../../lib/config/compat/synapse/load.ts";
import { inPlaceOf, logOf, parsedOptions } from "../in-place-of.ts";
import { runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Synapse's exit code for every failure, wrong usage included. */
const failed = 1;

const options = {
  config: { type: "string", short: "c" },
  help: { type: "boolean", short: "h" },
} as const;

const usage = `Usage: sidekick synapse -c synapse.conf.json

Runs with the configuration of Synapse; see docs/coming-from/synapse.md.

  -c, --config FILE  configuration, JSON or YAML
  -h, --help         print this
`;

/** Runs a watcher with the command line and configuration of Synapse until the signal aborts. Returns the exit code. */
export async function synapse(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const given = parsedOptions(args, options);
  if (typeof given === "string") {
    world.err.write(`sidekick: ${given}\n(sidekick synapse --help lists the options)\n`);
    return failed;
  }
  if (given.help) {
    world.out.write(usage);
    return 0;
  }
  const { config: file } = given;
  if (!file) {
    world.err.write("sidekick: a configuration is missing: expected -c FILE\n");
    return failed;
  }
  return await inPlaceOf(world, failed, async () => {
    const warnings: string[] = [];
    const onWarning = (sentence: string) => warnings.push(sentence);
    const plan = await loadSynapsePlan(file, { ...world, onWarning });
    const log = logOf(plan, warnings, world);
    await runPlan(plan, { files: [file], section: "watch" }, log, world, signal);
    return 0;
  });
}
