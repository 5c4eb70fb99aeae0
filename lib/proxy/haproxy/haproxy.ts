import { z } from "zod";
import { argv, duration, path } from "../../base/schema.ts";
import type { Change, Proxy, ProxyDeps } from "../contract.ts";
import { minInterval } from "../reload-limiter.ts";
import { reloadByCommand } from "./by-command.ts";
import { reloadByMaster } from "./by-master.ts";
import { reloadBySignal } from "./by-signal.ts";
import { rememberingReader } from "./configuration.ts";
import { LiveServers } from "./live-servers.ts";
import { plan } from "./plan.ts";
import { atStatsSocket, throughMaster } from "./runtime.ts";

export const schema = z
  .strictObject({
    type: z.literal("haproxy"),
    master: path
      .optional()
      .describe(
        "The master's socket (haproxy -W -S PATH). The best way: servers are changed through it without a " +
          "reload, and it says how a reload went.",
      ),
    pidFile: path
      .optional()
      .describe("The master's pid file (haproxy -W -p PATH); the master is sent SIGUSR2."),
    reload: argv.optional().describe("A command that reloads: [systemctl, reload, haproxy]."),
    socket: path
      .optional()
      .describe(
        "The stats socket, for pidFile or reload. Servers are changed through it without a reload if its level " +
          "is admin; it proves a reload, and tells a haproxy that is not running from one that refused.",
      ),
    minInterval: minInterval("0s"),
    timeout: duration("30s").describe("How long a reload may take until it is proved."),
  })
  .refine(({ master, pidFile, reload }) => [master, pidFile, reload].filter(Boolean).length === 1, {
    error: "expected one way to reload: master, pidFile or reload",
  })
  .describe(
    "haproxy 2.6 or newer in master-worker mode, adjusted or reloaded without losing a connection.",
  );

export type HaproxyConfig = z.infer<typeof schema>;

/**
 * Makes haproxy serve the new files and proves it: without a reload where only servers have changed and the
 * running worker can be told, else by a reload in the way that is configured.
 */
export function createHaproxy(config: HaproxyConfig, deps: ProxyDeps): Proxy {
  const { master, pidFile, reload: command = [], timeout: timeoutMs } = config;
  const title = `haproxy (${master ? `master ${master}` : (pidFile ?? command.join(" "))})`;
  const socket = config.socket === undefined ? undefined : { title, path: config.socket };
  const live = liveServers(title, config, deps);
  const read = rememberingReader();

  const reload = async (signal: AbortSignal): Promise<"ran" | "reloaded"> => {
    if (master !== undefined) {
      return await reloadByMaster({ title, path: master }, timeoutMs, deps, signal);
    }
    if (pidFile !== undefined) {
      return await reloadBySignal({ title, pidFile, socket, timeoutMs }, deps, signal);
    }
    return await reloadByCommand(
      { title, command: { argv: command, timeoutMs }, socket },
      deps,
      signal,
    );
  };

  return {
    title,
    ...(live && { adjusts: (change: Change) => plan(change).kind !== "reload" }),
    async apply(change, signal) {
      if (!live) return await reload(signal);
      const planned = plan(change, read);
      const adjusted =
        planned.kind === "reload" ? { why: planned.reason } : await live.adjust(planned, signal);
      if ("servers" in adjusted) return `adjusted (${count(adjusted.servers)})`;
      live.forget();
      const how = await reload(signal);
      await live.remember(signal);
      const { why } = adjusted;
      return how === "ran" || why === undefined ? how : `reloaded (${why})`;
    },
  };
}

/** Undefined where there is no socket: then every change is a reload. */
function liveServers(
  title: string,
  { master, socket }: HaproxyConfig,
  { clock }: ProxyDeps,
): LiveServers | undefined {
  if (master !== undefined) {
    return new LiveServers(throughMaster({ title, path: master }, clock), clock);
  }
  if (socket === undefined) return undefined;
  return new LiveServers(atStatsSocket({ title, path: socket }, clock), clock);
}

function count(servers: number): string {
  return servers === 1 ? "1 server" : `${servers} servers`;
}
