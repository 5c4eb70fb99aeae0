import { inPlaceOf, logOf } from "../in-place-of.ts";
import { noNerveFile, parseNerve, readNerve } from "../move-in/nerve.ts";
import { runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Nerve's exit code for every failure, wrong usage included. */
const failed = 1;

const usage = `Usage: sidekick nerve -c nerve.conf.json [options]

Runs with the configuration of Nerve; see docs/coming-from/nerve.md.

  -c, --config FILE       configuration, JSON or YAML ($NERVE_CONFIG)
  -i, --instance_id NAME  name in the entries ($NERVE_INSTANCE_ID)
  -k, --check-config      only check the configuration ($NERVE_CHECK_CONFIG)
  -h, --help              print this
`;

/** Does what Nerve does with the same command line, environment and configuration. Returns the exit code. */
export async function nerve(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const given = parseNerve(args, world);
  if (typeof given === "string") {
    world.err.write(`sidekick: ${given}\n(sidekick nerve --help lists the options)\n`);
    return failed;
  }
  if (given.help) {
    world.out.write(usage);
    return 0;
  }
  const { file, onlyChecks } = given;
  if (file === undefined) {
    world.err.write(`sidekick: ${noNerveFile}\n`);
    return failed;
  }
  return await inPlaceOf(world, failed, async () => {
    const { plan, warnings } = await readNerve(file, given, world);
    const log = logOf(plan, warnings, world);
    if (onlyChecks) {
      const count = plan.presence?.services.length ?? 0;
      world.out.write(`valid (${count} service${count === 1 ? "" : "s"})\n`);
      return 0;
    }
    await runPlan(plan, { files: [file], section: "presence" }, log, world, signal);
    return 0;
  });
}
