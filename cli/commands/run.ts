import { showStatus } from "../../agents/control.ts";
import { faults } from "../../agents/faults.ts";
import { presence } from "../../agents/presence/agent.ts";
import { AgentStatus } from "../../agents/status.ts";
import { watch as watcher, watchOnce } from "../../agents/watch/agent.ts";
import { openGroups } from "../../agents/watch/reconcile.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { createLog, type Log } from "../../lib/base/log.ts";
import { never, runAll, untilAborted, whenAborted } from "../../lib/base/signal.ts";
import { loadConfig } from "../../lib/config/load.ts";
import type { Plan } from "../../lib/config/plan.ts";
import type { Keyspace } from "../../lib/keyspace/contract.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import type { Section } from "../../lib/status/paths.ts";
import { lastGoodPath } from "../../lib/status/state-folder.ts";
import { version } from "../version.ts";
import type { World } from "../world.ts";

export interface RunOptions {
  readonly files: readonly string[];
  /** Which agents to run: the one that is named, or all that the configuration has a section for. */
  readonly sections: Section;
  readonly once: boolean;
}

/** How long a watcher may take to leave, in milliseconds: a check or a reload that is under way is ended. */
const leaveWithinMs = 10_000;

/** Runs agents until the signal aborts, then leaves: entries are removed, and it is waited for. */
export async function run(
  { files, sections, once }: RunOptions,
  world: World,
  signal: AbortSignal,
): Promise<void> {
  const plan = await loadConfig(files, world);
  for (const section of ["presence", "watch"] as const) {
    if (sections === section && !plan[section]) {
      throw faults.AGENT_SECTION_MISSING({ files, section });
    }
  }
  const log = createLog(world.err, plan.log);
  await using keyspace = await openKeyspace(plan.keyspace, world);
  const identity = { version: version(world.shipped), pid: world.pid, url: keyspace.url };
  const status = new AgentStatus(identity, world.clock);
  const tasks = await agents(plan, { files, sections, once }, { ...world, log, keyspace, status });
  const asked = { plan: plan.status, files, section: sections };
  if (!once) tasks.push((s) => showStatus(status, asked, { ...world, log }, s));
  log.info("started", `sidekick started on ${keyspace.url}`, { keyspace: keyspace.url });
  const limitMs = plan.presence?.shutdownTimeoutMs ?? leaveWithinMs;
  const running = untilAborted(signal, runAll(signal, ...tasks));
  await Promise.race([running, tooLate(limitMs, world.clock, log, signal)]);
  log.info("stopped", "sidekick stopped");
}

interface Outfit extends World {
  readonly log: Log;
  readonly keyspace: Keyspace;
  readonly status: AgentStatus;
}

/** What there is to do, with all templates read: what is wrong with one is said before anything starts. */
async function agents(plan: Plan, { files, sections, once }: RunOptions, outfit: Outfit) {
  const { keyspace, log, clock, random, status } = outfit;
  const tasks: ((signal: AbortSignal) => Promise<void>)[] = [];
  const { presence: announcing, watch } = plan;
  if (announcing && sections !== "watch") {
    tasks.push((s) => presence(announcing, { keyspace, clock, random, log, status }, s));
  }
  if (watch && sections !== "presence") {
    const lastGood = watch.snapshotCache ?? lastGoodPath(files, sections, outfit) ?? false;
    const id = watcherId(outfit);
    const deps = { keyspace, snapshotCache: lastGood, id, clock, random, log, status };
    const groups = await openGroups(watch, { ...renderDeps(outfit), clock, random });
    tasks.push((s) => (once ? watchOnce : watcher)(watch, groups, deps, s));
  }
  return tasks;
}

/** Two machines may have the same name, and in containers processes have the same number. */
function watcherId({ hostName, pid, random }: World): string {
  const mark = Math.floor(random() * 36 ** 4).toString(36);
  return `${hostName}.${pid}.${mark.padStart(4, "0")}`;
}

export function renderDeps({ env, resolver, shipped }: World) {
  return { env: (name: string) => env[name], resolver, shipped };
}

/** Rejects when leaving takes longer than it may. */
async function tooLate(
  limitMs: number,
  clock: Clock,
  log: Log,
  signal: AbortSignal,
): Promise<never> {
  await whenAborted(signal, never);
  log.info("shutting_down", `sidekick leaves, within ${formatDuration(limitMs)}`);
  await clock.sleep(limitMs, never);
  throw faults.AGENT_SHUTDOWN_TIMEOUT({ limitMs });
}
