import { join } from "node:path";
import type { World } from "../cli/world.ts";
import { FaultReports } from "../lib/base/fault-reporter.ts";
import type { Log } from "../lib/base/log.ts";
import { type Backoff, retry } from "../lib/base/retry.ts";
import { runAll } from "../lib/base/signal.ts";
import type { StatusPlan } from "../lib/config/plan.ts";
import { atAddress, type Listen, serveHttp } from "../lib/control/server.ts";
import { atSocket } from "../lib/control/socket.ts";
import { formatAddress } from "../lib/model/endpoint.ts";
import type { Page } from "../lib/status/answer.ts";
import { type Section, socketFolder, socketName } from "../lib/status/paths.ts";
import { keepNotified, supervisorOf } from "../lib/status/systemd.ts";
import type { AgentStatus } from "./status.ts";

/** How soon what could not be shown is tried again. */
const backoff: Backoff = { firstMs: 1000, maxMs: 30_000 };

/** Which agents these are, and how they may be asked. */
export interface Asked {
  readonly plan: StatusPlan | undefined;
  readonly files: readonly string[];
  readonly section: Section;
}

/**
 * Lets the agents be looked at for as long as the signal lives: at their socket, at an address if one is configured,
 * and by systemd if that is who started them. That it cannot be is said, and is no reason to end: it is tried again.
 */
export async function showStatus(
  status: AgentStatus,
  { plan, files, section }: Asked,
  { log, ...world }: World & { readonly log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, env, pid, uid } = world;
  const report = () => status.report();
  const own = join(socketFolder(world), socketName(files, section));
  const socket = plan?.socket === undefined ? atSocket(own, uid) : atSocket(plan.socket);
  const supervisor = supervisorOf(env, pid);

  const lasting = (
    subject: string,
    work: (progress: () => void, s: AbortSignal) => Promise<void>,
  ) => {
    const reporter = new FaultReports(subject, log, clock).reporter();
    return (s: AbortSignal) =>
      retry(
        (progress, t) => {
          const works = () => {
            progress();
            reporter.resolved();
          };
          return work(works, t);
        },
        backoff,
        { clock, random, onFault: (fault, waitMs) => reporter.report(fault, waitMs) },
        s,
      );
  };
  const at = (where: string, listen: Listen, commands: Page["commands"]) =>
    lasting("the status", (works, s) => {
      const onListening = () => {
        works();
        log.info("listening", `status at ${where}`, { where });
      };
      return serveHttp(listen, { report, commands }, onListening, s);
    });
  const tasks = [at(plan?.socket ?? own, socket, status)];
  if (plan?.listen) {
    const { listen } = plan;
    tasks.push(at(`http://${formatAddress(listen)}`, atAddress(listen), undefined));
  }
  if (supervisor) {
    tasks.push(lasting("systemd", (_works, s) => keepNotified(supervisor, report, clock, s)));
  }
  await runAll(signal, ...tasks);
}
