import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import { lastLines } from "../../base/exec.ts";
import { cleanLine } from "../clean-line.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import {
  answerMs,
  type CommandSocket,
  type Failure,
  notAnswering,
  sendCommand,
} from "./send-command.ts";
import { parseInfo } from "./show-info.ts";
import { type MasterProcesses, showProc } from "./show-proc.ts";

/** How a reload ended. */
type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** After how many milliseconds without an answer the master counts as not running: it restarts within about 30 ms. */
const restartMs = 1000;

/**
 * Reloads by the master's socket, which also reports the result: since haproxy 2.7 in the answer to `reload` itself, in
 * 2.6 only by the number of reloads and the process id of the worker. Throws PROXY_NOT_RUNNING, PROXY_UNREACHABLE or
 * PROXY_REJECTED.
 */
export async function reloadByMaster(
  master: CommandSocket,
  timeoutMs: number,
  { clock }: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  const { title } = master;
  const before = await waitForMaster(master, clock, signal);
  const attempt = async (): Promise<Outcome | undefined> => {
    const outcome = await triggerReload(master, before, timeoutMs, clock, signal);
    if (!outcome?.ok) return outcome;
    return (await hasStopped(master, before.worker, clock, signal)) ? outcome : undefined;
  };
  const outcome = await poll(attempt, timeoutMs, clock, signal);
  if (outcome?.ok) return "reloaded";
  if (outcome) throw faults.PROXY_REJECTED({ title, reason: outcome.reason });
  const now = await showProc(master, clock, signal);
  if ("reason" in now) throw notAnswering(title, now);
  throw faults.PROXY_REJECTED({ title, reason: `timed out after ${formatDuration(timeoutMs)}` });
}

/** Waits until the master answers, for it may be restarting. Throws PROXY_NOT_RUNNING if it does not. */
async function waitForMaster(
  master: CommandSocket,
  clock: Clock,
  signal: AbortSignal,
): Promise<MasterProcesses> {
  let last: Failure = { reason: `${master.path} does not answer` };
  const observe = async () => {
    const found = await showProc(master, clock, signal);
    if (!("reason" in found)) return found;
    last = found;
    return undefined;
  };
  const found = await poll(observe, restartMs, clock, signal);
  if (!found) throw notAnswering(master.title, last);
  return found;
}

/** Sends `reload` unless the master has already counted a reload. Returns undefined while the result is not known. */
async function triggerReload(
  master: CommandSocket,
  before: MasterProcesses,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const now = await showProc(master, clock, signal);
  if ("reason" in now) return undefined;
  if (now.reloads > before.reloads) return outcomeOf(before, now);
  // Not sent yet, or lost because the master was restarting for another client's reload.
  const answer = await sendCommand(master, "reload", timeoutMs, clock, signal);
  return "text" in answer ? parseReload(answer.text) : undefined;
}

/** Whether the old worker accepts no new connections. For a moment both workers do, and the old one uses the old files. */
async function hasStopped(
  master: CommandSocket,
  worker: number | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (worker === undefined) return true;
  const answer = await sendCommand(master, `@!${worker} show info`, answerMs, clock, signal);
  return "text" in answer && (parseInfo(answer.text)?.stopping ?? true);
}

/** The outcome of a reload that the master has counted; undefined while it is in progress. */
function outcomeOf(before: MasterProcesses, now: MasterProcesses): Outcome | undefined {
  if (now.failed > 0) return { ok: false, reason: "the reload failed; see its log" };
  return now.worker !== undefined && now.worker !== before.worker ? { ok: true } : undefined;
}

/** Parses the answer to `reload` since haproxy 2.7: `Success=0`, then a line of dashes and the logged lines. */
function parseReload(answer: string): Outcome | undefined {
  const success = /^Success=([01])/m.exec(answer)?.[1];
  if (success === undefined) return undefined;
  if (success === "1") return { ok: true };
  const logged = lastLines(answer.slice(answer.indexOf("--") + 2), cleanLine).join(" | ");
  return { ok: false, reason: logged || "the reload failed; see its log" };
}
