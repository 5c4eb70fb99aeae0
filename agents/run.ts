import { resolve } from "node:path";
import { runUntil } from "../lib/base/run-until.ts";
import type { Plan } from "../lib/config/plan.ts";
import { noKeyspaceUrl } from "../lib/keyspace/url.ts";
import type { Selection } from "../lib/status/paths.ts";
import { ReloadNotices } from "../lib/status/reload-notices.ts";
import { healthOf, report as reportOf, undatedReport } from "../lib/status/report.ts";
import { supervisorOf } from "../lib/status/systemd.ts";
import { createControl } from "./control.ts";
import type { AgentsDeps } from "./deps.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { Recordings } from "./metrics/recordings.ts";
import { entriesByService } from "./metrics/services.ts";
import { answeringOnDemand, pageOnDemand } from "./on-demand.ts";
import { openDestinations, selected } from "./open.ts";
import { openAgents } from "./reload/agents.ts";
import type { ReloadSource } from "./reload/source.ts";
import { shutdownTimeout } from "./shutdown.ts";
import { factsOf } from "./status.ts";

/** The time on the clock that systemd compares notices by, in microseconds. */
const monotonicUs = () => process.hrtime.bigint() / 1000n;

/** The time limit for a watcher to stop, in milliseconds. A running check or reload is ended. */
const watchShutdownMs = 10_000;

/** Process 1 of a container has to wait for orphaned processes, which Node.js does not do. */
const initMissing =
  "sidekick runs as process 1 without an init: processes that commands leave behind stay as zombies; start it through tini, or with docker run --init";

/**
 * Runs the agents until the signal aborts, then stops them: first presence, which drains its instances while the watcher
 * of the same process still serves; then the watcher; last the control socket, which answers meanwhile. An agent that fails
 * stops the others in this way, too, and its error is thrown. With `source`, the configuration can be reloaded. Throws a RENDER_
 * fault of a template that cannot be used, and AGENT_SHUTDOWN_TIMEOUT.
 */
export async function run(
  plan: Plan,
  selection: Selection,
  given: AgentsDeps,
  signal: AbortSignal,
  source?: ReloadSource,
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
  const startedMs = clock.now();
  const configuration = selection.files.map((file) => resolve(file));
  const { presence: presencePlan } = selected(plan, selection);
  await using destinations = await openDestinations(presencePlan, selection, deps);
  const notices = new ReloadNotices(supervisorOf(deps.env, pid), clock, monotonicUs);
  const opening = { ...deps, notices };
  const agents = await openAgents(plan, selection, destinations?.all, source, opening, signal);
  const { presence, watch, reloads } = agents;
  // Aborts with the signal, and when an agent fails: the others stop in the same way then.
  const stopping = new AbortController();
  const facts = () => {
    const { url } = agents.mounts.root.keyspace;
    const process = {
      ...{ version, pid, configuration, startedMs, url },
      isShuttingDown: stopping.signal.aborted,
    };
    const parts = [presence, watch, control, reloads].map((agent) => agent.status());
    return factsOf(process, parts);
  };
  const moment = () => ({ nowMs: clock.now(), date: new Date() });
  const report = () => reportOf(facts(), moment());
  const health = () => healthOf(facts(), moment());
  const counted = () => undatedReport(facts(), moment());
  const entries = () => watch.agent && entriesByService(watch.agent.services());
  const metrics = createMetrics({ report: counted, entries, recordings }, deps);
  const { explain, overview } = answeringOnDemand(agents, report, deps);
  const page = pageOnDemand(watch, overview, deps);
  const answers = { report, health, metrics, explain, overview, page, stopping: stopping.signal };
  const control = await createControl(selection, answers, agents, opening);

  const on = mounts.url === noKeyspaceUrl ? "without a keyspace" : `on ${mounts.url}`;
  log.info("started", `sidekick started ${on}`, { keyspace: mounts.url });
  if (pid === 1) log.warn("init_missing", initMissing);
  const limitMs = () => reloads.plan.value.presence?.shutdownTimeoutMs ?? watchShutdownMs;
  const running = runUntil(signal, {
    start: [control, presence, watch, agents],
    stop: [agents, presence, watch, control],
    onStopping: (reason) => stopping.abort(reason),
  });
  await Promise.race([running, shutdownTimeout(limitMs, { clock, log }, stopping.signal, signal)]);
  log.info("stopped", "sidekick stopped");
}
