import { formatDuration } from "../../base/duration.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { lookFor } from "../look.ts";
import { ask, type Socket } from "./ask.ts";

/** The worker that takes new connections, or why there is none. */
export type Worker = { readonly pid: number } | { readonly why: string };

const answerMs = 1000;

/** Asks the stats socket who serves. A worker that is on its way out does not count. */
export async function workerAt(
  socket: Socket,
  { clock }: ProxyDeps,
  signal: AbortSignal,
): Promise<Worker> {
  const answer = await ask(socket, "show info", answerMs, clock, signal);
  if ("why" in answer) return answer;
  const pid = Number(/^Pid: (\d+)$/m.exec(answer.text)?.[1]);
  if (!pid || !/^Stopping: 0$/m.test(answer.text)) return { why: `${socket.path} is closing` };
  return { pid };
}

/** Waits for another worker to take over. Throws PROXY_REFUSED, or PROXY_NOT_RUNNING when nobody serves. */
export async function untilReplaced(
  before: Worker,
  socket: Socket,
  timeoutMs: number,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  let now = before;
  const successor = async () => {
    now = await workerAt(socket, deps, signal);
    const replaced = "pid" in now && !("pid" in before && before.pid === now.pid);
    return replaced || undefined;
  };
  if (await lookFor(successor, timeoutMs, deps.clock, signal)) return "reloaded";
  const { title } = socket;
  if ("why" in now) throw faults.PROXY_NOT_RUNNING({ title, why: now.why });
  throw faults.PROXY_REFUSED({ title, words: sameWorker(timeoutMs) });
}

/** For people, where haproxy itself has not said what it did not like. */
export function sameWorker(timeoutMs: number): string {
  return `no new worker after ${formatDuration(timeoutMs)}; its log says why`;
}
