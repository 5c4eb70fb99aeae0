import { join } from "node:path";
import type { Clock } from "../lib/base/clock.ts";
import { FaultReports } from "../lib/base/fault-reporter.ts";
import type { Log } from "../lib/base/log.ts";
import type { Backoff } from "../lib/base/retry.ts";
import type { Service } from "../lib/base/run-until.ts";
import { runAll } from "../lib/base/signal.ts";
import { supervise } from "../lib/base/supervise.ts";
import type { StatusPlan } from "../lib/config/plan.ts";
import type {
  Explain,
  FileOperations,
  InstanceOperations,
  JournalQueries,
  Routes,
} from "../lib/control/contract.ts";
import { explainRoute } from "../lib/control/explain-route.ts";
import { instanceRoutes } from "../lib/control/instance-routes.ts";
import { journalRoutes } from "../lib/control/journal-routes.ts";
import { overviewRoute } from "../lib/control/overview-route.ts";
import { isOwnHost } from "../lib/control/own-host.ts";
import { pinRoutes } from "../lib/control/pin-routes.ts";
import { retryRoute } from "../lib/control/retry-route.ts";
import { atAddress, type Listen, serveHttp } from "../lib/control/server.ts";
import { atSocket } from "../lib/control/socket.ts";
import type { Family } from "../lib/metrics/contract.ts";
import { metricsRoute } from "../lib/metrics/route.ts";
import { formatAddress } from "../lib/model/endpoint.ts";
import type { Overview } from "../lib/overview/contract.ts";
import type { Page } from "../lib/page/open.ts";
import { Liveness, withLiveness } from "../lib/status/liveness.ts";
import {
  type Selection,
  type StatusEnvironment,
  socketFolder,
  socketName,
} from "../lib/status/paths.ts";
import { type Answers, statusRoutes } from "../lib/status/routes.ts";
import { keepNotified, supervisorOf } from "../lib/status/systemd.ts";
import type { AgentFacts } from "./status.ts";

/** The back-off after a socket or an address could not be opened. */
const backoff: Backoff = { firstMs: 1000, maxMs: 30_000 };

/** The socket is closed to browsers. */
const isAnyHost = (_host?: string) => true;

/** The socket and the address at which the agents answer. */
export interface Access extends Selection {
  readonly plan: StatusPlan | undefined;
}

/** The sources of the answers. */
export interface Controlled extends Answers {
  /** Undefined if no presence agent runs. */
  readonly operations: InstanceOperations | undefined;
  /** Collects the metrics. */
  readonly metrics: () => readonly Family[];
  /** Undefined if no watcher runs. */
  readonly watching: FileOperations | undefined;
  /** Undefined if no watcher runs. */
  readonly journal: JournalQueries | undefined;
  readonly explain: Explain;
  /** Makes an overview. */
  readonly overview: (signal: AbortSignal) => Promise<Overview>;
  /** Undefined if the address has no page. */
  readonly page: Page | undefined;
  /** Aborts when the agents begin to shut down. */
  readonly stopping: AbortSignal;
}

export interface ControlDeps extends StatusEnvironment {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly log: Log;
  readonly hostName: string;
  readonly pid: number;
}

/** Answers questions about the agents of this process. */
export interface Control extends Service {
  status(): AgentFacts;
}

/**
 * Answers `sidekick status` and requests of operators at the agents' own socket, HTTP requests at an address if one is
 * configured, and notifies systemd if that has started the process. Sockets that cannot be opened are logged and retried.
 */
export function createControl(
  { plan, files, section }: Access,
  {
    report,
    health,
    metrics,
    operations,
    watching,
    journal,
    explain,
    overview,
    page,
    stopping,
  }: Controlled,
  deps: ControlDeps,
): Control {
  const { clock, random, log, env, hostName, pid, uid } = deps;
  const loops: Liveness[] = [];
  const supervised = (
    subject: string,
    work: (succeeded: () => void, signal: AbortSignal) => Promise<void>,
  ) => {
    const loop = new Liveness(subject, clock);
    loops.push(loop);
    return (signal: AbortSignal) => {
      const reporter = withLiveness(new FaultReports(subject, log, clock).reporter(), loop);
      return supervise(work, { backoff, reporter }, { clock, random }, signal);
    };
  };
  const listening = (where: string, listen: Listen, routes: Routes, isOwn = isAnyHost) =>
    supervised(`status at ${where}`, (succeeded, signal) => {
      const onListening = () => {
        succeeded();
        log.info("listening", `status at ${where}`, { where });
      };
      return serveHttp(listen, routes, { onListening, isOwnHost: isOwn }, signal);
    });

  const own = join(socketFolder(deps), socketName(files, section));
  const socket = plan?.socket === undefined ? atSocket(own, uid) : atSocket(plan.socket);
  const routes = { ...statusRoutes({ report, health }), "/metrics": metricsRoute(metrics) };
  const instances = () => report().presence?.instances ?? [];
  const ownRoutes = {
    ...routes,
    ...instanceRoutes({ operations, instances, pid }),
    "/retry": retryRoute(watching?.retry, pid),
    ...pinRoutes(watching, pid),
    ...journalRoutes(journal, pid),
    "/explain": explainRoute(explain),
    "/overview": overviewRoute(overview),
  };
  const tasks = [listening(plan?.socket ?? own, socket, ownRoutes)];
  if (plan?.listen) {
    const { listen, hosts = [] } = plan;
    const isOwn = (host?: string) => isOwnHost(host, [hostName, listen.host, ...hosts]);
    const all = { ...routes, ...page?.routes };
    tasks.push(listening(`http://${formatAddress(listen)}`, atAddress(listen), all, isOwn));
    if (page) tasks.push(supervised("the page", page.run));
  }
  const supervisor = supervisorOf(env, pid);
  if (supervisor) {
    tasks.push(
      supervised("systemd", (_, s) => keepNotified(supervisor, { report, stopping }, clock, s)),
    );
  }
  return {
    run: (signal) => runAll(signal, ...tasks),
    status: () => ({ loops: loops.map((loop) => loop.facts()), keyspaceLoops: [] }),
  };
}
