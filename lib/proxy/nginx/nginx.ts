import { z } from "zod";
import { failureSummary, run } from "../../base/exec.ts";
import { Fault } from "../../base/fault.ts";
import { argv, duration, path } from "../../base/schema.ts";
import { cleanLine } from "../clean-line.ts";
import type { Proxy, ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { generationIn } from "../generation.ts";
import { processOf, send } from "../processes.ts";
import { minInterval } from "../reload-limiter.ts";
import { type Marker, verifyByMarker } from "./by-marker.ts";
import { verifyByWorkers } from "./by-workers.ts";
import { markerPlace } from "./marker.ts";

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
        "A command that reloads instead, such as [nginx, -s, reload]; proved where pidFile names a master, or by marker.",
      ),
    marker: markerPlace
      .optional()
      .describe(
        "Where nginx answers with the template's {{generation}}: unix:/run/nginx-generation.sock or " +
          "127.0.0.1:8081. It proves that this very file is in force, and needs no sight of nginx's processes.",
      ),
    errorLog: path
      .optional()
      .describe(
        "The error log: with it, a refused reload is known at once, in nginx's own words. Unless said " +
          "otherwise, the file that is the master's standard error, if it is one.",
      ),
    minInterval: minInterval("1s"),
    timeout: duration("10s").describe("How long a reload may take until it is proved."),
  })
  .describe("nginx, reloaded; the new generation of workers is waited for.");

export type NginxConfig = z.infer<typeof schema>;

/** Reloads nginx and proves that new workers have taken over: the signal and the command prove nothing. */
export function createNginx(config: NginxConfig, { clock }: ProxyDeps): Proxy {
  const { pidFile, reload, marker: place, errorLog, timeout: timeoutMs } = config;
  const title = `nginx (${reload?.join(" ") ?? pidFile})`;

  const masterOf = () => processOf(title, pidFile, /master process/);

  const runReload = async (command: readonly string[], signal: AbortSignal): Promise<void> => {
    const finished = await run({ argv: command, timeoutMs }, clock, signal);
    if (finished.ok) return;
    // A file that nginx is yet to be started with must not be put back because nobody could be told.
    await masterOf();
    throw faults.PROXY_COMMAND_FAILED({ title, words: failureSummary(finished, cleanLine) });
  };

  return {
    title,
    async apply({ files }, signal) {
      const texts = files.map(({ wanted }) => wanted);
      const generation = place === undefined ? undefined : generationIn(texts);
      const marker: Marker | undefined =
        place === undefined || generation === undefined ? undefined : { place, generation };
      const master = reload ? await masterOf().catch(ifNotRunning) : await masterOf();
      const tell = async () => {
        if (reload) await runReload(reload, signal);
        else if (master !== undefined) send(title, master, "SIGHUP");
      };
      const way = { title, tell, timeoutMs, clock };
      if (master !== undefined) {
        return await verifyByWorkers({ ...way, masterOf, errorLog, marker }, master, signal);
      }
      if (marker) return await verifyByMarker(way, marker, signal);
      await tell();
      return "ran";
    },
  };
}

function ifNotRunning(error: unknown): undefined {
  if (!(error instanceof Fault)) throw error;
}
