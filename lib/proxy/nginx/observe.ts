import { Fault } from "../../base/fault.ts";
import type { Observed } from "../contract.ts";
import { isStopped } from "../processes.ts";
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

/** Looks at the processes, and at the marker if there is one. Undefined if neither can be seen. */
export async function observeNginx(
  { title, findMaster, isElsewhere, marker, verified }: ObservableNginx,
  signal: AbortSignal,
): Promise<Observed | undefined> {
  const master = await findMaster().catch(orFault);
  if (master instanceof Fault && !isElsewhere) return { state: "down", why: master.message };
  if (master instanceof Fault && !marker) return undefined;
  const workers = master instanceof Fault ? undefined : await servingWorkers(master);
  if (workers && !(await canServe(workers))) {
    const problem =
      workers.size === 0 ? "has no worker" : "does not serve: its workers are stopped";
    return { state: "down", why: `${title} ${problem}` };
  }
  if (marker) return await observeMarker(title, marker, signal);
  return verified && workers && isReplaced(verified, workers)
    ? { state: "replaced" }
    : { state: "serving" };
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

async function canServe(workers: ReadonlySet<number>): Promise<boolean> {
  for (const worker of workers) if (!(await isStopped(worker))) return true;
  return false;
}

function orFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  throw error;
}
