import { access } from "node:fs/promises";
import { parseGoFlags } from "../../lib/config/compat/go-flags.ts";
import { readRegistrator } from "../../lib/config/compat/registrator/load.ts";
import { options } from "../../lib/config/compat/registrator/options.ts";
import { flagsUsage, inPlaceOf, logOf } from "../in-place-of.ts";
import { runPlan } from "../run-plan.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** registrator's exit codes: 1 for every failure, 2 for wrong usage. */
const [failed, wrong] = [1, 2];

/** The sockets of the engine, the one of registrator's image first. */
const sockets = ["/tmp/docker.sock", "/var/run/docker.sock"];

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
  const dockerHost = world.env.DOCKER_HOST || (await existingSocket());
  const read = readRegistrator(flags, { dockerHost, hostName: world.hostName });
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

/** Undefined if there is none: the first one is tried again and again then. */
async function existingSocket(): Promise<string | undefined> {
  for (const socket of sockets) {
    const exists = await access(socket).then(
      () => true,
      () => false,
    );
    if (exists) return `unix://${socket}`;
  }
  return undefined;
}

function usage(): string {
  const purpose = "Registers containers as registrator does; see docs/coming-from/registrator.md.";
  return flagsUsage("sidekick registrator [options] <URL of the registry>", purpose, options);
}
