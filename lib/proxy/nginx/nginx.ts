import { z } from "zod";
import { run } from "../../base/exec.ts";
import { Fault } from "../../base/fault.ts";
import { argv, duration, path } from "../../base/schema.ts";
import type { Applied, Change, Proxy, ProxyDeps } from "../contract.ts";
import { commandFault } from "../faults.ts";
import { generationIn } from "../generation.ts";
import { endedProgram, findOwnProcess, ownProgram } from "../own-program.ts";
import { findProcess, sendSignal } from "../processes.ts";
import { minInterval } from "../reload-limiter.ts";
import { controlAddress } from "./live/control.ts";
import { createLiveNginx } from "./live/live-nginx.ts";
import { liveTexts } from "./live/plan.ts";
import { markerAddress } from "./marker.ts";
import { NginxObserver } from "./observe.ts";
import { type Marker, verifyByMarker } from "./verify-by-marker.ts";
import { verifyByWorkers } from "./verify-by-workers.ts";
import { servingWorkers } from "./workers.ts";

const defaultPidFile = "/run/nginx.pid";

export const schema = z
  .strictObject({
    type: z.literal("nginx"),
    pidFile: path
      .default(defaultPidFile)
      .describe(
        "The master's pid file. The master is sent SIGHUP; its workers verify the reload. Not needed for an nginx that sidekick exec runs.",
      ),
    reload: argv
      .optional()
      .describe(
        "A command that reloads nginx, instead of SIGHUP: [nginx, -s, reload]. The reload is verified if pidFile " +
          "names a running master, or by marker.",
      ),
    marker: markerAddress
      .optional()
      .describe(
        "The address at which nginx answers with the template's {{generation}}: unix:/run/nginx-generation.sock or " +
          "127.0.0.1:8081. It verifies that nginx runs exactly this file, even if its processes are not visible.",
      ),
    control: controlAddress
      .optional()
      .describe(
        "The socket at which nginx listens for changes of its servers, with a template that uses the partial nginx-live and with " +
          "nginx's Lua module: unix:/run/nginx/sidekick.sock. They are then made without a reload: docs/nginx-live.md.",
      ),
    errorLog: path
      .optional()
      .describe(
        "nginx's error log, from which a rejected reload is reported at once, with nginx's own message. " +
          "Default: the master's standard error, if that is a file.",
      ),
    minInterval: minInterval("1s"),
    timeout: duration("10s").describe("The time limit until a reload is verified."),
  })
  .refine(({ marker, control }) => marker === undefined || control === undefined, {
    error: "expected marker or control: at control, nginx answers with the generation, too",
  })
  .describe(
    "nginx: reloads it and waits for the new generation of workers; with control, servers are changed without a reload.",
  );

export type NginxConfig = z.infer<typeof schema>;

/** Reloads nginx and verifies that new workers have taken over: sending a signal or running a command verifies nothing. */
export function createNginx(config: NginxConfig, { clock, program }: ProxyDeps): Proxy {
  const { pidFile, reload, marker: address, control, errorLog, timeout: timeoutMs } = config;
  const own = reload || pidFile !== defaultPidFile ? undefined : ownProgram(program, /^nginx$/);
  const title = `nginx (${reload?.join(" ") ?? (own ? own.argv.join(" ") : pidFile)})`;

  const findMaster = async () =>
    own ? findOwnProcess(title, own) : await findProcess(title, pidFile, /master process/);

  const runReload = async (command: readonly string[], signal: AbortSignal): Promise<void> => {
    const finished = await run({ argv: command, timeoutMs }, clock, signal);
    if (finished.ok) return;
    // If nginx is not running, the new file must stay: nginx is to be started with it. This throws PROXY_NOT_RUNNING.
    await findMaster();
    throw commandFault(title, finished);
  };

  const markerOf = (texts: readonly string[]): Marker | undefined => {
    const generation = generationIn(texts);
    return address === undefined || generation === undefined ? undefined : { address, generation };
  };

  /** A control server answers with the generation of the text that was loaded, which is not that of a text with other peers. */
  const controlAsMarker = (texts: readonly string[]): Marker | undefined => {
    const generation = generationIn(texts);
    if (control === undefined || generation === undefined) return undefined;
    return liveTexts(texts, control) && { address: control, generation };
  };

  const observer = new NginxObserver(clock);

  /** The workers that were verified to run with the files. */
  let verified: ReadonlySet<number> | undefined;
  const adopt = async () => {
    const master = await findMaster().catch(ifNotRunning);
    verified = master === undefined ? undefined : await servingWorkers(master);
  };

  const reloadVerified = async (files: Change["files"], signal: AbortSignal): Promise<Applied> => {
    const texts = files.map(({ desired }) => desired);
    const master = reload ? await findMaster().catch(ifNotRunning) : await findMaster();
    const marker = markerOf(texts) ?? (master === undefined ? controlAsMarker(texts) : undefined);
    const trigger = async () => {
      if (reload) await runReload(reload, signal);
      else if (master !== undefined) sendSignal(title, master, "SIGHUP");
    };
    const nginx = { title, trigger, timeoutMs, clock };
    if (master !== undefined) {
      return await verifyByWorkers({ ...nginx, findMaster, errorLog, marker }, master, signal);
    }
    if (marker) return await verifyByMarker(nginx, marker, signal);
    await trigger();
    return "ran";
  };

  const plain: Proxy = {
    title,
    async apply({ files }, signal) {
      verified = undefined;
      const applied = await reloadVerified(files, signal);
      await adopt();
      return applied;
    },
    observe: async (texts, signal) => {
      const ended = own && endedProgram(title, own);
      if (ended) return ended;
      const observable = { title, findMaster, isElsewhere: reload !== undefined, verified };
      return await observer.observe({ ...observable, marker: markerOf(texts) }, signal);
    },
    adopt,
  };
  return control === undefined ? plain : createLiveNginx(plain, control);
}

function ifNotRunning(error: unknown): undefined {
  if (!(error instanceof Fault)) throw error;
}
