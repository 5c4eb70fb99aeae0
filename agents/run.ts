import { resolve } from "node:path";
import type { Clock } from "../lib/base/clock.ts";
import { formatDuration } from "../lib/base/duration.ts";
import { FaultReports } from "../lib/base/fault-reporter.ts";
import type { Log } from "../lib/base/log.ts";
import { runUntil } from "../lib/base/run-until.ts";
import { never, whenAborted } from "../lib/base/signal.ts";
import { supervise } from "../lib/base/supervise.ts";
import type { Plan, PresencePlan, WatchPlan } from "../lib/config/plan.ts";
import type { Mounts } from "../lib/keyspace/mounts/mounts.ts";
import { noKeyspaceUrl } from "../lib/keyspace/url.ts";
import type { RenderDeps } from "../lib/render/template-file.ts";
import {
  recordPath,
  requestedPath,
  requestedPathIn,
  type Selection,
  type StatusEnvironment,
  snapshotCachePath,
} from "../lib/status/paths.ts";
import { healthOf, report as reportOf, undatedReport } from "../lib/status/report.ts";
import { createControl } from "./control.ts";
import { faults } from "./faults.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { Recordings } from "./metrics/recordings.ts";
import { entriesByService } from "./metrics/services.ts";
import { answeringOnDemand } from "./on-demand.ts";
import { partsByKeyspace } from "./presence/by-keyspace.ts";
import type { Presence } from "./presence/contract.ts";
import type { Destinations } from "./presence/destinations/destinations.ts";
import type { OpenDestinations, OpenDestinationsDeps } from "./presence/destinations/open.ts";
import { openRequested } from "./presence/requested.ts";
import { joined } from "./presence/several.ts";
import { factsOf } from "./status.ts";
import type { Watch, WatcherSettings } from "./watch/contract.ts";

/** The parts of the process that the agents use. */
export interface AgentsDeps extends RenderDeps, StatusEnvironment {
  readonly mounts: Mounts;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly version: string;
  readonly hostName: string;
  readonly pid: number;
}

interface PresenceAgentDeps extends AgentsDeps {
  readonly destinations: Destinations | undefined;
}

/** The time limit for a watcher to stop, in milliseconds. A running check or reload is ended. */
const watchShutdownMs = 10_000;

/** Process 1 of a container has to wait for orphaned processes, which Node.js does not do. */
const initMissing =
  "sidekick runs as process 1 without an init: processes that commands leave behind stay as zombies; start it through tini, or with docker run --init";

/**
 * Runs the agents until the signal aborts, then stops them: first presence, which drains its instances while the watcher
 * of the same process still serves; then the watcher; last the control socket, which answers meanwhile. An agent that fails
 * stops the others in this way, too, and its error is thrown. Throws a RENDER_ fault of a template that cannot be used, and
 * AGENT_SHUTDOWN_TIMEOUT.
 */
export async function run(
  plan: Plan,
  selection: Selection,
  given: AgentsDeps,
  signal: AbortSignal,
): Promise<void> {
  const recordings = new Recordings();
  const deps = {
    ...given,
    log: recordings.counting(given.log),
    onProbe: recordings.onProbe,
    onServed: recordings.onServed,
    onFact: recordings.onFact,
    arrivals: recordings.convergence,
    onDestinationRequest: recordings.onDestinationRequest,
  };
  const { mounts, clock, log, version, pid } = deps;
  const { url } = mounts.root.keyspace;
  const startedMs = clock.now();
  const configuration = selection.files.map((file) => resolve(file));
  await using destinations = await openDestinations(plan, selection, deps);
  const agentDeps = { ...deps, destinations: destinations?.all };
  const { presence, watch } = await createAgents(plan, selection, agentDeps, signal);
  const agents = [presence, watch].filter((agent) => agent !== undefined);
  // Aborts with the signal, and when an agent fails: the others stop in the same way then.
  const stopping = new AbortController();
  const facts = () => {
    const process = {
      ...{ version, pid, configuration, startedMs, url },
      isShuttingDown: stopping.signal.aborted,
    };
    const parts = [...agents, control].map((agent) => agent.status());
    return factsOf(process, parts);
  };
  const moment = () => ({ nowMs: clock.now(), date: new Date() });
  const report = () => reportOf(facts(), moment());
  const health = () => healthOf(facts(), moment());
  const counted = () => undatedReport(facts(), moment());
  const entries = watch && (() => entriesByService(watch.services()));
  const metrics = createMetrics({ report: counted, entries, recordings }, deps);
  const { explain, overview } = answeringOnDemand(
    { presence, watch, report },
    { report, watch, hostName: deps.hostName },
    deps,
  );
  const page = plan.status?.page
    ? (await import("../lib/page/open.ts")).openPage({ overview, journal: watch?.journal }, deps)
    : undefined;
  const access = { plan: plan.status, ...selection };
  const controlled = {
    ...{ report, health, metrics, explain, overview, page, stopping: stopping.signal },
    ...{ operations: presence?.operations, watching: watch, journal: watch?.journal },
  };
  const control = createControl(access, controlled, deps);

  const on = mounts.url === noKeyspaceUrl ? "without a keyspace" : `on ${mounts.url}`;
  log.info("started", `sidekick started ${on}`, { keyspace: mounts.url });
  if (pid === 1) log.warn("init_missing", initMissing);
  const limitMs = plan.presence?.shutdownTimeoutMs ?? watchShutdownMs;
  const running = runUntil(signal, {
    start: [control, ...agents],
    stop: [...agents, control],
    onStopping: (reason) => stopping.abort(reason),
  });
  await Promise.race([running, shutdownTimeout(limitMs, { clock, log }, stopping.signal, signal)]);
  log.info("stopped", "sidekick stopped");
}

/** The selected agents that the configuration has sections for, in the order in which they stop. */
async function createAgents(
  { presence, watch }: Plan,
  selection: Selection,
  deps: PresenceAgentDeps,
  signal: AbortSignal,
) {
  const { files, section } = selection;
  const isPresence = presence && section !== "watch";
  const isWatch = watch && section !== "presence";
  const cachePath = watch?.snapshotCache ?? snapshotCachePath(files, section, deps) ?? false;
  const settings = { cachePath, id: watcherId(deps) };
  return {
    presence: isPresence
      ? await createPresences(presence, requestedPath(selection, deps), deps)
      : undefined,
    watch: isWatch ? await openWatch(watch, settings, deps, signal) : undefined,
  };
}

/** The destinations of the presence agent; undefined where there is none. */
async function openDestinations(
  { presence }: Plan,
  selection: Selection,
  deps: AgentsDeps & Pick<OpenDestinationsDeps, "onDestinationRequest">,
): Promise<OpenDestinations | undefined> {
  if (!presence?.destinations || selection.section === "watch") return undefined;
  // Loaded on use: most configurations have no destination.
  const { openDestinations: open } = await import("./presence/destinations/open.ts");
  return await open(presence.destinations, recordPath(selection, deps), deps);
}

/** A presence agent, made of one for each keyspace. `path` is the file of what is requested. */
async function createPresences(
  plan: PresencePlan,
  path: string | undefined,
  deps: PresenceAgentDeps,
): Promise<Presence> {
  // Each agent is loaded where it runs: one without templates has no use for the template language.
  const [{ createPresence }, { withDestinations }] = await Promise.all([
    import("./presence/agent.ts"),
    import("./presence/destinations/beside.ts"),
  ]);
  const parts = partsByKeyspace(plan, deps.mounts).map(async ({ mount, plan: part }) => {
    const { folder, keyspace } = mount;
    const file = await openRequested(path && requestedPathIn(path, folder), deps);
    return createPresence(part, { ...deps, keyspace }, file, folder);
  });
  const agent = joined(await Promise.all(parts));
  return withDestinations(agent, deps.destinations, plan.shutdownTimeoutMs);
}

/** Reads the templates; where resources are lacking, again after a while. */
async function openWatch(
  plan: WatchPlan,
  settings: WatcherSettings,
  deps: AgentsDeps,
  signal: AbortSignal,
): Promise<Watch> {
  const [{ createWatch }, { openGroups }] = await Promise.all([
    import("./watch/agent.ts"),
    import("./watch/groups.ts"),
  ]);
  const reporter = new FaultReports("the templates", deps.log, deps.clock).reporter();
  const groups = await supervise(
    async (succeeded) => {
      const opened = await openGroups(plan, deps);
      succeeded();
      return opened;
    },
    { backoff: { firstMs: 1000, maxMs: 10_000 }, reporter },
    deps,
    signal,
  );
  return await createWatch(plan, groups, settings, deps);
}

/** Unique among all watchers: machines may have the same name, and processes in containers the same process id. */
function watcherId({ hostName, pid, random }: AgentsDeps): string {
  const mark = Math.floor(random() * 36 ** 4).toString(36);
  return `${hostName}.${pid}.${mark.padStart(4, "0")}`;
}

/**
 * Rejects if a shutdown exceeds its time limit: with AGENT_SHUTDOWN_TIMEOUT if it was requested, otherwise with the error of the
 * agent that has failed, which matters more.
 */
async function shutdownTimeout(
  limitMs: number,
  { clock, log }: Pick<AgentsDeps, "clock" | "log">,
  stopping: AbortSignal,
  requested: AbortSignal,
): Promise<never> {
  await whenAborted(stopping, never);
  const failure = requested.aborted ? undefined : { error: stopping.reason };
  const why = failure ? ", since an agent has failed" : "";
  log.info("shutting_down", `sidekick is shutting down, within ${formatDuration(limitMs)}${why}`);
  await clock.sleep(limitMs, never);
  throw failure ? failure.error : faults.AGENT_SHUTDOWN_TIMEOUT({ limitMs });
}
