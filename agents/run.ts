import { resolve } from "node:path";
import { runUntil } from "../lib/base/run-until.ts";
import { childScope } from "../lib/base/signal.ts";
import type { Plan } from "../lib/config/plan.ts";
import { CheckTriggers } from "../lib/health/triggers.ts";
import type { Fact } from "../lib/journal/contract.ts";
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
import { openDestinations, watcherId } from "./open.ts";
import { type EndingDeps, openExec } from "./open-exec.ts";
import { openAgents } from "./reload/agents.ts";
import { selected } from "./reload/selected.ts";
import type { ReloadSource } from "./reload/source.ts";
import { shutdownLimitMs, shutdownTimeout } from "./shutdown.ts";
import { factsOf } from "./status.ts";

/** The time on the clock that systemd compares notices by, in microseconds. */
const monotonicUs = () => process.hrtime.bigint() / 1000n;

/** Process 1 of a container has to wait for orphaned processes, which Node.js does not do. */
const initMissing =
  "sidekick runs as process 1 without an init: processes that commands leave behind stay as zombies; start it through tini, or with docker run --init";

/**
 * Runs the agents until the signal aborts, then stops them: first presence, which drains its instances while the program and the
 * watcher of the same process still serve; then the program, if it runs one; then the watcher; last the control socket, which
 * answers meanwhile. An agent that fails stops the others in this way, too, and its error is thrown; a program that ends by itself
 * may stop them as the signal does. With `source`, the configuration can be reloaded. Returns the exit code of the program, 0 without
 * one. Throws a RENDER_ fault of a template that cannot be used, and AGENT_SHUTDOWN_TIMEOUT.
 */
export async function run(
  plan: Plan,
  selection: Selection,
  deps: AgentsDeps,
  signal: AbortSignal,
  source?: ReloadSource,
): Promise<number> {
  return await childScope(signal, async (scope, stop) => {
    const onEnded = () => stop(new DOMException("the program has ended", "AbortError"));
    return await runAgents(plan, selection, { ...deps, onEnded }, scope, source);
  });
}

async function runAgents(
  plan: Plan,
  selection: Selection,
  given: AgentsDeps & EndingDeps,
  signal: AbortSignal,
  source?: ReloadSource,
): Promise<number> {
  const recordings = new Recordings();
  const log = recordings.counting(given.log);
  const id = watcherId(given);
  const current = () => ({ plan: reloads.plan.value, watch: watch.agent });
  const exec = await openExec(selected(plan, selection), id, current, { ...given, log });
  const deps = {
    ...given,
    ...{ log, id },
    program: exec?.program,
    onProbe: recordings.onProbe,
    onServed: recordings.onServed,
    onFact: (fact: Fact) => {
      recordings.onFact(fact);
      exec?.onFact(fact);
    },
    arrivals: recordings.convergence,
    onDestinationRequest: recordings.onDestinationRequest,
    triggers: new CheckTriggers(),
  };
  const { mounts, clock, version, pid } = deps;
  const startedMs = clock.now();
  const configuration = selection.files.map((file) => resolve(file));
  await using destinations = await openDestinations(
    selected(plan, selection).presence,
    selection,
    deps,
  );
  const notices = new ReloadNotices(supervisorOf(deps.env, pid), clock, monotonicUs);
  const opening = { ...deps, notices };
  const agents = await openAgents(plan, selection, destinations?.all, source, opening, signal);
  const { presence, watch, reloads } = agents;
  // Until the program is stopped, its instances are drained and the files that it reads are kept.
  const parties = [presence, ...(exec ? [exec] : []), watch];
  // Aborts with the signal, and when an agent fails: the others stop in the same way then.
  const stopping = new AbortController();
  const facts = () => {
    const { url } = agents.mounts.root.keyspace;
    const process = {
      ...{ version, pid, configuration, startedMs, url },
      isShuttingDown: stopping.signal.aborted,
    };
    const parts = [...parties, control, reloads].map((agent) => agent.status());
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
  const limitMs = () => shutdownLimitMs(selected(reloads.plan.value, selection));
  const running = runUntil(signal, {
    start: [control, ...parties, agents],
    stop: [agents, ...parties, control],
    onStopping: (reason) => stopping.abort(reason),
  });
  await Promise.race([running, shutdownTimeout(limitMs, { clock, log }, stopping.signal, signal)]);
  log.info("stopped", "sidekick stopped");
  return exec?.program.ended?.code ?? 0;
}
