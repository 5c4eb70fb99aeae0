import { z } from "zod";
import { argv, duration, path } from "../../base/schema.ts";
import type { Proxy, ProxyDeps } from "../contract.ts";
import { minInterval } from "../pace.ts";
import { reloadByCommand } from "./by-command.ts";
import { reloadByMaster } from "./by-master.ts";
import { reloadBySignal } from "./by-signal.ts";

export const schema = z
  .strictObject({
    type: z.literal("haproxy"),
    master: path
      .optional()
      .describe(
        "The master's socket (haproxy -W -S PATH). The best way: it says how a reload went.",
      ),
    pidFile: path
      .optional()
      .describe("The master's pid file (haproxy -W -p PATH); the master is sent SIGUSR2."),
    reload: argv.optional().describe("A command that reloads: [systemctl, reload, haproxy]."),
    socket: path
      .optional()
      .describe(
        "The stats socket. It proves a reload by pidFile or command, and tells a haproxy that is not " +
          "running from one that refused.",
      ),
    minInterval: minInterval("0s"),
    timeout: duration("30s").describe("How long a reload may take until it is proved."),
  })
  .refine(({ master, pidFile, reload }) => [master, pidFile, reload].filter(Boolean).length === 1, {
    error: "expected one way to reload: master, pidFile or reload",
  })
  .describe("haproxy 2.6 or newer in master-worker mode, reloaded without losing a connection.");

export type HaproxyConfig = z.infer<typeof schema>;

/** Reloads haproxy in the way that is configured, and proves that it runs the new files. */
export function createHaproxy(config: HaproxyConfig, deps: ProxyDeps): Proxy {
  const { master, pidFile, reload = [], timeout: timeoutMs } = config;
  const title = `haproxy (${master ? `master ${master}` : (pidFile ?? reload.join(" "))})`;
  const socket = config.socket === undefined ? undefined : { title, path: config.socket };
  return {
    title,
    async apply(_change, signal) {
      if (master !== undefined) {
        return await reloadByMaster({ title, path: master }, timeoutMs, deps, signal);
      }
      if (pidFile !== undefined) {
        return await reloadBySignal({ title, pidFile, socket, timeoutMs }, deps, signal);
      }
      const command = { argv: reload, timeoutMs };
      return await reloadByCommand({ title, command, socket }, deps, signal);
    },
  };
}
