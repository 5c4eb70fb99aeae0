import { formatDuration } from "../../base/duration.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { ask, type Socket } from "./ask.ts";
import { RuntimeSession } from "./runtime-session.ts";
import { parseInfo } from "./show-info.ts";

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
  const info = parseInfo(answer.text);
  return info && !info.stopping ? info : { why: `${socket.path} is closing` };
}

/**
 * Has a reload begun by `tell`, and waits until another worker serves and the old one takes no more
 * connections: for a moment both do, and the old one answers by the old files. Throws PROXY_REJECTED, or
 * PROXY_NOT_RUNNING when nobody serves in the end.
 */
export async function replaceWorker(
  socket: Socket,
  tell: () => Promise<void>,
  timeoutMs: number,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  using old = new RuntimeSession(socket.path, deps.clock);
  await old.begin(undefined, signal); // once it has answered, the connection is its own
  const before = await old.ask(["show info"], signal);
  const oldPid = parseInfo(before[0] ?? "")?.pid;
  await tell();
  let now: Worker = { why: `${socket.path} does not answer` };
  const successor = async () => {
    now = await workerAt(socket, deps, signal);
    if ("why" in now || now.pid === oldPid) return undefined;
    // The old worker hangs up when it goes, but also when a slow command outlasts its "stats timeout".
    const answers = await old.ask(["show info"], signal);
    if (typeof answers === "string") return answers === "gone" || undefined;
    return parseInfo(answers[0] ?? "")?.stopping || undefined;
  };
  if (await poll(successor, timeoutMs, deps.clock, signal)) return "reloaded";
  const { title } = socket;
  if ("why" in now) throw faults.PROXY_NOT_RUNNING({ title, why: now.why });
  throw faults.PROXY_REJECTED({ title, words: sameWorker(timeoutMs) });
}

/** For people, where haproxy itself has not said what it did not like. */
export function sameWorker(timeoutMs: number): string {
  return `no new worker after ${formatDuration(timeoutMs)}; its log says why`;
}
