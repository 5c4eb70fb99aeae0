import { logQuarantine } from "../../agents/watch/quarantine-log.ts";
import { Fault } from "../../lib/base/fault.ts";
import type { Log } from "../../lib/base/log.ts";
import type { Confd } from "../../lib/config/compat/confd/load.ts";
import { options } from "../../lib/config/compat/confd/options.ts";
import { type ParsedFlags, parseGoFlags } from "../../lib/config/compat/go-flags.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import { TemplateFile } from "../../lib/render/template-file.ts";
import { difference } from "../difference.ts";
import { flagsUsage, inPlaceOf, logOf } from "../in-place-of.ts";
import { readConfd } from "../move-in/confd.ts";
import { runPlan } from "../run-plan.ts";
import { snapshotFor, viewsOf } from "../snapshots.ts";
import { reportFailure } from "../standard-error.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

/** How long one pass waits for the servers, in milliseconds. */
const onceMs = 10_000;

/** confd's exit codes: 1 for every failure, 2 for wrong usage. */
const [failed, wrong] = [1, 2];

/** Does what confd does with the same command line, environment, confd.toml and conf.d. Returns the exit code. */
export async function confd(
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
    world.out.write(`confd (sidekick ${version(world.shipped)})\n`);
    return 0;
  }
  if (flags.problems.length > 0) {
    for (const problem of flags.problems) world.err.write(`sidekick: ${problem}\n`);
    world.err.write("(sidekick confd -help lists the options)\n");
    return wrong;
  }
  return await inPlaceOf(world, failed, () => start(flags, world, signal));
}

async function start(flags: ParsedFlags, world: World, signal: AbortSignal): Promise<number> {
  const loaded = await readConfd(flags, world);
  const { plan, mode, files, warnings } = loaded;
  const log = logOf(plan, warnings, world);
  if (mode === "check") return await check(loaded, world);
  if (mode === "noop" && plan.watch) return await noop(plan.watch, loaded, log, world, signal);
  const selection = { files, section: "watch" } as const;
  const once = mode === "once" ? { onceMs } : {};
  await runPlan(plan, { ...selection, ...once }, log, world, signal);
  return 0;
}

/** Opens every template. Throws the fault of the first one that cannot be used. */
async function check({ plan }: Confd, world: World): Promise<number> {
  const templates = plan.watch?.templates ?? [];
  for (const template of templates) await TemplateFile.open(template, world);
  world.out.write(`valid (${templates.length} template${templates.length === 1 ? "" : "s"})\n`);
  return 0;
}

/** Prints how each target differs from what is rendered; changes and runs nothing. */
async function noop(
  watch: WatchPlan,
  { plan }: Confd,
  log: Log,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const { templates } = watch;
  const snapshot = await snapshotFor(plan, templates, {}, world, signal);
  const viewFor = await viewsOf(watch, templates, snapshot, log, world, signal);
  let code = 0;
  for (const template of templates) {
    const { path } = template.target;
    try {
      const file = await TemplateFile.open(template, world);
      const { text, quarantined } = await file.render(viewFor(template), signal);
      logQuarantine({ quarantined, released: [] }, log);
      const changes = await difference(path, text);
      world.out.write(changes);
      const state = changes === "" ? "in sync" : "out of sync: it would be replaced";
      log.info("noop", `${path} is ${state}`, { target: path });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      reportFailure(error, world.err);
      code = failed;
    }
  }
  return code;
}

function usage(): string {
  const purpose = "Runs with the configuration of confd; see docs/coming-from/confd.md.";
  return flagsUsage("sidekick confd [options]", purpose, options);
}
