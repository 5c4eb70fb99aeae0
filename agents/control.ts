import { join } from "node:path";
import { Cell } from "../lib/base/cell.ts";
import type { Clock } from "../lib/base/clock.ts";
import { FaultReports } from "../lib/base/fault-reporter.ts";
import type { Log } from "../lib/base/log.ts";
import type { Backoff } from "../lib/base/retry.ts";
import { runEach } from "../lib/base/run-each.ts";
import type { Service } from "../lib/base/run-until.ts";
import { runAll } from "../lib/base/signal.ts";
import { supervise } from "../lib/base/supervise.ts";
import type { StatusPlan } from "../lib/config/plan.ts";
import type { Explain, Routes } from "../lib/control/contract.ts";
import { explainRoute } from "../lib/control/explain-route.ts";
import { instanceRoutes } from "../lib/control/instance-routes.ts";
import { journalRoutes } from "../lib/control/journal-routes.ts";
import { overviewRoute } from "../lib/control/overview-route.ts";
import { isOwnHost } from "../lib/control/own-host.ts";
import { pinRoutes } from "../lib/control/pin-routes.ts";
import { reloadRoute } from "../lib/control/reload-route.ts";
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
import type { ReloadNotices } from "../lib/status/reload-notices.ts";
import { type Answers, statusRoutes } from "../lib/status/routes.ts";
import { keepNotified, supervisorOf } from "../lib/status/systemd.ts";
import type { Agents } from "./reload/agents.ts";
import type { AgentFacts } from "./status.ts";

/** The back-off after a socket or an address could not be opened. */
const backoff: Backoff = { firstMs: 1000, maxMs: 30_000 };

/** The socket is closed to browsers. */
const isAnyHost = (_host?: string) => true;

/** The sources of the answers. */
export interface Controlled extends Answers {
  /** Collects the metrics. */
  readonly metrics: () => readonly Family[];
  readonly explain: Explain;
  /** Makes an overview. */
  readonly overview: (signal: AbortSignal) => Promise<Overview>;
  /** Opens the page for browsers, if an address has one. */
  readonly page: () => Promise<Page>;
  /** Aborts when the agents begin to shut down. */
  readonly stopping: AbortSignal;
}

/** How long a reload of the configuration leaves sockets open that it closes, in milliseconds. */
const answerMs = 500;

export interface ControlDeps extends StatusEnvironment {
  readonly notices: Pick<ReloadNotices, "onReady">;
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
 * configured, and notifies systemd if that has started the process. Sockets that cannot be opened are logged and retried. A reload
 * of the configuration leaves a socket or an address open that it does not change.
 */
export async function createControl(
  { files, section }: Selection,
  { report, health, metrics, explain, overview, page, stopping }: Controlled,
  agents: Pick<Agents, "presence" | "watch" | "reloads">,
  deps: ControlDeps,
): Promise<Control> {
  const { clock, log, notices, env, hostName, pid, uid } = deps;
  const supervised = (key: string, subject: string, ...works: readonly Work[]): Task => {
    const loop = new Liveness(subject, clock);
    const reporter = withLiveness(new FaultReports(subject, log, clock).reporter(), loop);
    const supervision = { backoff, reporter };
    const tasks = works.map((work) => (s: AbortSignal) => supervise(work, supervision, deps, s));
    return { key, loop, run: (signal) => runAll(signal, ...tasks) };
  };
  const listening = (
    key: string,
    where: string,
    listen: Listen,
    routes: () => Routes,
    isOwn = isAnyHost,
  ) =>
    supervised(key, `status at ${where}`, (succeeded, signal) => {
      const onListening = () => {
        succeeded();
        log.info("listening", `status at ${where}`, { where });
      };
      return serveHttp(listen, routes, { onListening, isOwnHost: isOwn }, signal);
    });

  const own = join(socketFolder(deps), socketName(files, section));
  const routes = { ...statusRoutes({ report, health }), "/metrics": metricsRoute(metrics) };
  const instances = () => report().presence?.instances ?? [];
  const supervisor = supervisorOf(env, pid);
  const { reloads } = agents;
  const ownRoutes = () => {
    const [watching, journal] = [agents.watch.agent, agents.watch.agent?.journal];
    return {
      ...routes,
      ...instanceRoutes({ operations: agents.presence.agent?.operations, instances, pid }),
      "/retry": retryRoute(watching?.retry, pid),
      ...pinRoutes(watching, pid),
      ...journalRoutes(journal, pid),
      "/explain": explainRoute(explain),
      "/overview": overviewRoute(overview),
      "/reload": reloadRoute(() => reloads.reload("on request")),
    };
  };
  const notifying = supervisor && [
    supervised("systemd", "systemd", (_, s) =>
      keepNotified(supervisor, { report, stopping, onReady: notices.onReady }, clock, s),
    ),
  ];

  const tasksOf = async (plan: StatusPlan | undefined): Promise<readonly Task[]> => {
    const { socket = own, listen, hosts = [] } = plan ?? {};
    const at = plan?.socket === undefined ? atSocket(own, uid) : atSocket(socket);
    const tasks = [listening(`socket ${socket}`, socket, at, ownRoutes)];
    if (listen) {
      const isOwn = (host?: string) => isOwnHost(host, [hostName, listen.host, ...hosts]);
      const opened = plan?.page ? await page() : undefined;
      const all = { ...routes, ...opened?.routes };
      const where = `http://${formatAddress(listen)}`;
      const key = JSON.stringify([listen, hosts, plan?.page]);
      tasks.push(listening(key, where, atAddress(listen), () => all, isOwn));
      if (opened) tasks.push(supervised("page", "the page", opened.run));
    }
    return [...tasks, ...(notifying ?? [])];
  };
  const { plan } = reloads;
  const tasks = new Cell(await tasksOf(plan.value.status));
  const follow = async (signal: AbortSignal) => {
    for (let { version } = plan; ; { version } = plan) {
      await plan.newer(version, signal);
      // The answer about the reload is still on its way.
      await clock.sleep(answerMs, signal);
      const known = new Map(tasks.value.map((task) => [task.key, task]));
      const next = await tasksOf(plan.value.status);
      tasks.set(next.map((task) => known.get(task.key) ?? task));
    }
  };
  return {
    run: (signal) => runAll(signal, (s) => runEach(tasks, (task, t) => task.run(t), s), follow),
    status: () => ({ loops: tasks.value.map(({ loop }) => loop.facts()), keyspaceLoops: [] }),
  };
}

/** Something that control does, and whose faults are logged and retried. */
interface Task extends Service {
  /** The settings that it is for. */
  readonly key: string;
  readonly loop: Liveness;
}

type Work = (succeeded: () => void, signal: AbortSignal) => Promise<void>;
