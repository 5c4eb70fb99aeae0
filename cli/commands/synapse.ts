import { inPlaceOf, logOf } from "../in-place-of.ts";
import { noSynapseFile, parseSynapse, readSynapse } from "../move-in/synapse.ts";
import { runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Synapse's exit code for every failure, wrong usage included. */
const failed = 1;

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
  const given = parseSynapse(args);
  if (typeof given === "string") {
    world.err.write(`sidekick: ${given}\n(sidekick synapse --help lists the options)\n`);
    return failed;
  }
  if (given.help) {
    world.out.write(usage);
    return 0;
  }
  const { file } = given;
  if (file === undefined) {
    world.err.write(`sidekick: ${noSynapseFile}\n`);
    return failed;
  }
  return await inPlaceOf(world, failed, async () => {
    const { plan, warnings } = await readSynapse(file, world);
    const log = logOf(plan, warnings, world);
    await runPlan(plan, { files: [file], section: "watch" }, log, world, signal);
    return 0;
  });
}
