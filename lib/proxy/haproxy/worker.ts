import { formatDuration } from "../../base/duration.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { RuntimeSession } from "./runtime-session.ts";
import {
  answerMs,
  type CommandSocket,
  type Failure,
  notAnswering,
  sendCommand,
} from "./send-command.ts";
import { parseInfo } from "./show-info.ts";

/** The worker that accepts new connections, or why there is none. */
export type Worker = { readonly pid: number } | Failure;

/** Asks the stats socket for its worker. One that is stopping does not count. Throws the faults of `sendCommand`. */
export async function currentWorker(
  socket: CommandSocket,
  { clock }: ProxyDeps,
  signal: AbortSignal,
): Promise<Worker> {
  const answer = await sendCommand(socket, "show info", answerMs, clock, signal);
  if ("reason" in answer) return answer;
  const info = parseInfo(answer.text);
  return info && !info.stopping ? info : { reason: `${socket.path} is closing` };
}

/**
 * Reloads by `trigger`, and waits until another worker serves and the old one accepts no new connections: for a moment
 * both do, and the old one uses the old files. Throws PROXY_NOT_RUNNING if there is no worker after `timeoutMs`, or else
 * PROXY_REJECTED, and the faults of `trigger`.
 */
export async function replaceWorker(
  socket: CommandSocket,
  trigger: () => Promise<void>,
  timeoutMs: number,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  using old = new RuntimeSession(socket.path, deps.clock);
  await old.start(undefined, signal); // from its first answer on, the old worker holds the connection
  const before = await old.execute(["show info"], signal);
  const oldPid = parseInfo(before[0] ?? "")?.pid;
  await trigger();
  let now: Worker = { reason: `${socket.path} does not answer` };
  const isReplaced = async () => {
    now = await currentWorker(socket, deps, signal);
    if ("reason" in now || now.pid === oldPid) return undefined;
    // The old worker closes the connection when it ends, but also if a slow command outlasts its "stats timeout".
    const answers = await old.execute(["show info"], signal);
    if (typeof answers === "string") return answers === "closed" || undefined;
    return parseInfo(answers[0] ?? "")?.stopping || undefined;
  };
  if (await poll(isReplaced, timeoutMs, deps.clock, signal)) return "reloaded";
  const { title } = socket;
  if ("reason" in now) throw notAnswering(title, now);
  throw faults.PROXY_REJECTED({ title, reason: noNewWorker(timeoutMs) });
}

/** Why a reload counts as rejected if haproxy itself has not reported it. */
export function noNewWorker(timeoutMs: number): string {
  return `no new worker after ${formatDuration(timeoutMs)}; see its log`;
}
