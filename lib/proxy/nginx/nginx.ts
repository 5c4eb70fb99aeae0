import { z } from "zod";
import { formatDuration } from "../../base/duration.ts";
import { complaint, lastLines, run } from "../../base/exec.ts";
import { Fault } from "../../base/fault.ts";
import { argv, duration, path } from "../../base/schema.ts";
import type { Applied, Proxy, ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { lookFor } from "../look.ts";
import { processOf, send } from "../processes.ts";
import { ErrorLog, isFinal } from "./error-log.ts";
import { isReplaced, servingWorkers } from "./workers.ts";

export const schema = z
  .strictObject({
    type: z.literal("nginx"),
    pidFile: path
      .default("/run/nginx.pid")
      .describe(
        "The master's pid file. The master is sent SIGHUP, and its workers prove the reload.",
      ),
    reload: argv
      .optional()
      .describe(
        "A command that reloads instead, such as [nginx, -s, reload]; proved where pidFile names a master.",
      ),
    errorLog: path
      .optional()
      .describe("The error log: with it, a refused reload is known at once, in nginx's own words."),
    timeout: duration("10s").describe("How long a reload may take until it is proved."),
  })
  .describe("nginx, reloaded; the new generation of workers is waited for.");

export type NginxConfig = z.infer<typeof schema>;

/** Reloads nginx and proves that new workers have taken over: the signal and the command prove nothing. */
export function createNginx(config: NginxConfig, { clock }: ProxyDeps): Proxy {
  const { pidFile, reload, errorLog, timeout: timeoutMs } = config;
  const title = `nginx (${reload?.join(" ") ?? pidFile})`;

  const masterOf = () => processOf(title, pidFile, /master process/);

  const runReload = async (command: readonly string[], signal: AbortSignal): Promise<void> => {
    const finished = await run({ argv: command, timeoutMs }, clock, signal);
    if (finished.ok) return;
    // A file that nginx is yet to be started with must not be put back because nobody could be told.
    await masterOf();
    throw faults.PROXY_COMMAND_FAILED({ title, words: complaint(finished) });
  };

  /** Has the master told, and waits for its next generation of workers. */
  const proved = async (
    master: number,
    tell: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<Applied> => {
    await using log = errorLog === undefined ? undefined : await ErrorLog.atEnd(errorLog, master);
    const before = await servingWorkers(master);
    await tell();
    const look = async () => {
      if (isReplaced(before, await servingWorkers(master))) return "reloaded";
      return (await log?.emergencies())?.some(isFinal) ? "refused" : undefined;
    };
    const outcome = await lookFor<"reloaded" | "refused">(look, timeoutMs, clock, signal);
    if (outcome === "reloaded") return outcome;
    await masterOf();
    const said = lastLines(((await log?.emergencies()) ?? []).join("\n")).join(" | ");
    throw faults.PROXY_REFUSED({ title, words: said || silent(timeoutMs) });
  };

  return {
    title,
    async apply(_change, signal) {
      if (!reload) {
        const master = await masterOf();
        return await proved(master, async () => send(title, master, "SIGHUP"), signal);
      }
      const master = await masterOf().catch(ifNotRunning);
      if (master !== undefined) {
        return await proved(master, () => runReload(reload, signal), signal);
      }
      await runReload(reload, signal);
      return "ran";
    },
  };
}

function ifNotRunning(error: unknown): undefined {
  if (!(error instanceof Fault)) throw error;
}

function silent(timeoutMs: number): string {
  return `the same workers still serve after ${formatDuration(timeoutMs)}; its error log says why`;
}
