import { parseGoFlags } from "../../lib/config/compat/go-flags.ts";
import { options } from "../../lib/config/compat/registrator/options.ts";
import { flagsUsage, inPlaceOf, logOf } from "../in-place-of.ts";
import { readRegistratorFlags } from "../move-in/registrator.ts";
import { runPlan } from "../run-plan.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** registrator's exit codes: 1 for every failure, 2 for wrong usage. */
const [failed, wrong] = [1, 2];

/** Does what registrator does with the same command line and environment. Returns the exit code. */
export async function registrator(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const flags = parseGoFlags(args, options);
  if (flags.values.has("help")) {
    world.out.write(usage());
    return 0;
  }
  if (flags.values.has("version")) {
    world.out.write(`registrator (sidekick ${version(world.shipped)})\n`);
    return 0;
  }
  const read = await readRegistratorFlags(flags, world);
  if ("problems" in read) {
    for (const problem of read.problems) world.err.write(`sidekick: ${problem}\n`);
    world.err.write("(sidekick registrator -help lists the options)\n");
    return wrong;
  }
  const { plan, warnings } = read;
  return await inPlaceOf(world, failed, async () => {
    const log = logOf(plan, warnings, world);
    // There is no file: the names of socket and state are those of the registry.
    const files = ["registrator", `${plan.keyspace.url}${plan.presence?.prefix ?? ""}`];
    const selection = { files, section: "presence" } as const;
    await runPlan(plan, selection, log, world, signal);
    return 0;
  });
}

function usage(): string {
  const purpose = "Registers containers as registrator does; see docs/coming-from/registrator.md.";
  return flagsUsage("sidekick registrator [options] <URL of the registry>", purpose, options);
}
