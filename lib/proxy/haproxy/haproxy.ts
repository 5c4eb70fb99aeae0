import { z } from "zod";
import type { Fault } from "../../base/fault.ts";
import { argv, duration, path } from "../../base/schema.ts";
import type { Adjustment, Change, Proxy, ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { endedProgram, findOwnProcess } from "../own-program.ts";
import { findProcess } from "../processes.ts";
import { minInterval } from "../reload-limiter.ts";
import { cachingReader } from "./configuration.ts";
import { foresee } from "./foresee.ts";
import { LiveServers } from "./live-servers.ts";
import { HaproxyObserver, haproxyCommand } from "./observe.ts";
import { type OwnHaproxy, ownHaproxy } from "./own-haproxy.ts";
import { mergePools, plan } from "./plan.ts";
import { reloadByCommand } from "./reload-by-command.ts";
import { reloadByMaster } from "./reload-by-master.ts";
import { reloadBySignal } from "./reload-by-signal.ts";
import { runtimeOfMaster, runtimeOfStatsSocket } from "./runtime.ts";
import type { CommandSocket } from "./send-command.ts";
import { serverTexts } from "./server-texts.ts";
import { firstSocket, usualMasters } from "./usual-master.ts";

export const schema = z
  .strictObject({
    type: z.literal("haproxy"),
    master: path
      .optional()
      .describe(
        "The master's socket (haproxy -W -S PATH). Recommended: servers are changed through it without a reload, " +
          "and it reports the result of a reload. Default without pidFile and reload: /run/haproxy/master.sock, or " +
          "/run/haproxy-master.sock as on Debian, whichever exists at the time; for an haproxy that sidekick exec runs, the socket of its -S.",
      ),
    pidFile: path
      .optional()
      .describe("The master's pid file (haproxy -W -p PATH); the master is sent SIGUSR2."),
    reload: argv.optional().describe("A command that reloads: [systemctl, reload, haproxy]."),
    socket: path
      .optional()
      .describe(
        "The stats socket, together with pidFile or reload. Servers are changed through it without a reload if its " +
          "level is admin; it verifies a reload, and shows whether haproxy is running.",
      ),
    minInterval: minInterval("0s"),
    timeout: duration("30s").describe("The time limit until a reload is verified."),
  })
  .refine(({ master, pidFile, reload }) => [master, pidFile, reload].filter(Boolean).length <= 1, {
    error: "expected one way to reload: master, pidFile or reload",
  })
  .refine(({ master, pidFile, reload, socket }) => !socket || master || pidFile || reload, {
    error:
      "socket needs a way to reload: add pidFile or reload, or remove it to use the master's socket",
  })
  .describe(
    "haproxy 2.6 or newer in master-worker mode: servers are changed at run time; other changes are applied by a reload.",
  );

export type HaproxyConfig = z.infer<typeof schema>;

/**
 * Makes haproxy use the new files and verifies it: without a reload if only servers have changed and there is a socket
 * to change them, or else by a reload in the configured way.
 */
export function createHaproxy(
  config: HaproxyConfig,
  deps: ProxyDeps,
  masters: readonly [string, ...string[]] = usualMasters,
): Proxy {
  const { reload: command, timeout: timeoutMs } = config;
  const { title, own, findMaster, master } = waysTo(config, deps, masters);
  const socket = config.socket === undefined ? undefined : { title, path: config.socket };
  const live = liveServers(master, socket, deps);
  const read = cachingReader();
  const runtimeSocket = master ?? socket;
  const runtime = live && runtimeSocket && { socket: runtimeSocket, live };
  const observer = new HaproxyObserver({ title, findMaster, runtime }, deps.clock);

  const reload = async (signal: AbortSignal): Promise<"ran" | "reloaded"> => {
    if (master) return await reloadByMaster(master, timeoutMs, deps, signal);
    if (findMaster) {
      return await reloadBySignal({ title, findMaster, socket, timeoutMs }, deps, signal);
    }
    return await reloadByCommand(
      { title, command: { argv: command ?? [], timeoutMs }, socket },
      deps,
      signal,
    );
  };

  return {
    title,
    ...(live && {
      servers: serverTexts,
      weighs: true as const,
      canAdjust: (change: Change) => plan(change, read).kind !== "reload",
      async adjust(change: Change, signal: AbortSignal): Promise<Adjustment> {
        const planned = plan(change, read);
        if (planned.kind !== "adjust") return "not possible";
        const adjusted = await live.adjust(planned, signal, planned.touched);
        return "reason" in adjusted ? "failed" : `adjusted (${count(adjusted.servers)})`;
      },
    }),
    foresee: (change, areInFiles, signal) => foresee(plan(change, read), live, areInFiles, signal),
    async apply(change, signal, mayReload = true) {
      if (own) findOwnProcess(title, own);
      if (!live) return await reload(signal);
      const planned = plan(change, read);
      const adjusted = planned.kind === "reload" ? planned : await live.adjust(planned, signal);
      if ("servers" in adjusted) return `adjusted (${count(adjusted.servers)})`;
      if (!mayReload) throw waiting(title, adjusted.reason);
      live.invalidate();
      const applied = await reload(signal);
      await live.recordWorker(signal);
      const { reason } = adjusted;
      return applied === "ran" || reason === undefined ? applied : `reloaded (${reason})`;
    },
    async observe(texts, signal) {
      const ended = own && endedProgram(title, own);
      if (ended) return ended;
      const pools = () => mergePools(texts.map((text) => read(text)));
      return await observer.observe({ texts, pools }, signal);
    },
    ...(runtime && {
      counters: (signal: AbortSignal) => runtime.live.counters(runtime.socket, signal),
    }),
    ...(live && { adopt: (signal: AbortSignal) => live.recordWorker(signal) }),
  };
}

/** Undefined if only a socket or a command leads to the master. */
function masterFinder(
  title: string,
  pidFile: string | undefined,
  own: OwnHaproxy | undefined,
): (() => Promise<number>) | undefined {
  if (pidFile !== undefined) return () => findProcess(title, pidFile, haproxyCommand);
  return own && (async () => findOwnProcess(title, own));
}

/** Undefined without a socket: then every change needs a reload. */
function liveServers(
  master: CommandSocket | undefined,
  socket: CommandSocket | undefined,
  { clock }: ProxyDeps,
): LiveServers | undefined {
  if (master) return new LiveServers(runtimeOfMaster(master, clock), clock);
  return socket && new LiveServers(runtimeOfStatsSocket(socket, clock), clock);
}

/** How haproxy is found: by its master socket, its pid file, or as the program of this process. */
function waysTo(
  { master: configured, pidFile, reload: command }: HaproxyConfig,
  deps: ProxyDeps,
  masters: readonly [string, ...string[]],
) {
  const own = (pidFile ?? command) ? undefined : ownHaproxy(deps.program);
  const known = configured ?? own?.master;
  const isByMaster = known !== undefined || !(pidFile ?? command ?? own);
  const paths = known === undefined ? masters : ([known] as const);
  const way = isByMaster ? `master ${paths.join(" or ")}` : (pidFile ?? command ?? own?.argv);
  const title = `haproxy (${typeof way === "object" ? way.join(" ") : way})`;
  const findMaster = masterFinder(title, pidFile, own);
  return { title, own, findMaster, master: isByMaster ? firstSocket(title, paths) : undefined };
}

function waiting(title: string, reason = "it is not known with which files it runs"): Fault {
  return faults.PROXY_RELOAD_WAITS({ title, reason });
}

function count(servers: number): string {
  return servers === 1 ? "1 server" : `${servers} servers`;
}
