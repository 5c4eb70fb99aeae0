import type { Clock } from "../../base/clock.ts";
import { Fault } from "../../base/fault.ts";
import type { Observed } from "../contract.ts";
import { childrenNow, isStopped, runningProcess } from "../processes.ts";
import { askMarker } from "./marker.ts";
import type { Marker } from "./verify-by-marker.ts";
import { isReplaced, servingWorkers } from "./workers.ts";

/** The ways in which a running nginx can be looked at. */
export interface ObservableNginx {
  readonly title: string;
  /** Throws PROXY_NOT_RUNNING. */
  readonly findMaster: () => Promise<number>;
  /** Whether nginx may run where its processes are not visible, such as in another container. */
  readonly isElsewhere: boolean;
  readonly marker: Marker | undefined;
  /** The workers that were verified; undefined if that is unknown. */
  readonly verified: ReadonlySet<number> | undefined;
}

/** For how long only the processes are looked at that were found to serve, in milliseconds. */
const restMs = 10_000;

/** Processes that were found to serve. */
interface Serving {
  readonly master: number;
  readonly masterSince: number | undefined;
  /** The ids of all child processes. */
  readonly children: string;
  /** One of the workers. */
  readonly worker: number;
  readonly generation: string | undefined;
  readonly untilMs: number;
}

/** Looks at the processes, and at the marker if there is one. */
export class NginxObserver {
  readonly #clock: Clock;
  #serving: Serving | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined if neither processes nor marker can be seen. */
  async observe(nginx: ObservableNginx, signal: AbortSignal): Promise<Observed | undefined> {
    if (this.#isStillServing(nginx.marker)) return { state: "serving" };
    this.#serving = undefined;
    return await this.#look(nginx, signal);
  }

  #isStillServing(marker: Marker | undefined): boolean {
    if (!this.#serving) return false;
    const { master, masterSince, children, worker, generation, untilMs } = this.#serving;
    if (this.#clock.now() >= untilMs || generation !== marker?.generation) return false;
    const isSame =
      runningProcess(master)?.since === masterSince && childrenNow(master) === children;
    return isSame && runningProcess(worker) !== undefined;
  }

  async #look(
    { title, findMaster, isElsewhere, marker, verified }: ObservableNginx,
    signal: AbortSignal,
  ): Promise<Observed | undefined> {
    const master = await findMaster().catch(orFault);
    if (master instanceof Fault) {
      if (!isElsewhere) return { state: "down", why: master.message };
      return marker && (await observeMarker(title, marker, signal));
    }
    const children = childrenNow(master);
    const workers = await servingWorkers(master);
    const worker = await firstRunning(workers);
    if (worker === undefined) return { state: "down", why: `${title} ${noneRuns(workers)}` };
    const observed = await observeText(title, marker, { verified, workers }, signal);
    if (observed.state === "serving") {
      const untilMs = this.#clock.now() + restMs;
      const masterSince = runningProcess(master)?.since;
      const generation = marker?.generation;
      this.#serving = { master, masterSince, children, worker, generation, untilMs };
    }
    return observed;
  }
}

function noneRuns(workers: ReadonlySet<number>): string {
  return workers.size === 0 ? "has no worker" : "does not serve: its workers are stopped";
}

/** Whether it runs with the text that was verified: by the marker, or else by the workers that were verified. */
async function observeText(
  title: string,
  marker: Marker | undefined,
  {
    verified,
    workers,
  }: Pick<ObservableNginx, "verified"> & { readonly workers: ReadonlySet<number> },
  signal: AbortSignal,
): Promise<Observed> {
  if (marker) return await observeMarker(title, marker, signal);
  return { state: verified && isReplaced(verified, workers) ? "replaced" : "serving" };
}

async function observeMarker(
  title: string,
  { address, generation }: Marker,
  signal: AbortSignal,
): Promise<Observed> {
  const answered = await askMarker(address, signal);
  if (answered === generation) return { state: "serving" };
  if (answered === undefined) {
    return { state: "down", why: `${title} is unreachable: its marker ${address} does not answer` };
  }
  return {
    state: "changed",
    why: `${title} runs with another file: ${address} answers ${answered}`,
  };
}

async function firstRunning(workers: ReadonlySet<number>): Promise<number | undefined> {
  for (const worker of workers) if (!(await isStopped(worker))) return worker;
  return undefined;
}

function orFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}
