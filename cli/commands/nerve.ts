import { loadNerve } from "../../lib/config/compat/nerve/load.ts";
import { inPlaceOf, logOf, parsedOptions } from "../in-place-of.ts";
import { runPlan } from "../run-plan.ts";
import type { World } from "../world.ts";

/** Nerve's exit code for every failure, wrong usage included. */
const failed = 1;

const options = {
  config: { type: "string", short: "c" },
  instance_id: { type: "string", short: "i" },
  "instance-id": { type: "string" },
  "check-config": { type: "boolean", short: "k" },
  help: { type: "boolean", short: "h" },
} as const;

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
  const given = parsedOptions(args, options);
  if (typeof given === "string") {
    world.err.write(`sidekick: ${given}\n(sidekick nerve --help lists the options)\n`);
    return failed;
  }
  if (given.help) {
    world.out.write(usage);
    return 0;
  }
  const { env } = world;
  const file = given.config ?? env.NERVE_CONFIG;
  if (!file) {
    world.err.write("sidekick: a configuration is missing: expected -c FILE, or NERVE_CONFIG\n");
    return failed;
  }
  return await inPlaceOf(world, failed, async () => {
    const instanceId = given.instance_id ?? given["instance-id"] ?? env.NERVE_INSTANCE_ID;
    const level = env.DEBUG ? "debug" : "info";
    const { plan, warnings } = await loadNerve(file, { log: level, instanceId });
    const log = logOf(plan, warnings, world);
    if (given["check-config"] || env.NERVE_CHECK_CONFIG) {
      const count = plan.presence?.services.length ?? 0;
      world.out.write(`valid (${count} service${count === 1 ? "" : "s"})\n`);
      return 0;
    }
    await runPlan(plan, { files: [file], section: "presence" }, log, world, signal);
    return 0;
  });
}
