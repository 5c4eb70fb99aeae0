import { formatDuration } from "../../base/duration.ts";
import { lastLines } from "../../base/exec.ts";
import { cleanLine } from "../clean-line.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import { poll } from "../poll.ts";
import { ask, type Socket } from "./ask.ts";
import { parseInfo } from "./show-info.ts";
import { type Processes, parseProcesses } from "./show-proc.ts";

/** How a reload ended: `words` say what haproxy did not like. */
type Outcome = { readonly ok: true } | { readonly ok: false; readonly words: string };

/** How long a question may take. */
const answerMs = 1000;

/** How long nobody may answer before the master counts as not running: for ~30 ms while it starts anew. */
const startingMs = 1000;

/**
 * Reloads by the master's socket, which also says how it went: since 2.7 in the answer to `reload` itself,
 * in 2.6 only by the count of its reloads and the process id of its worker.
 */
export async function reloadByMaster(
  master: Socket,
  timeoutMs: number,
  { clock }: ProxyDeps,
  signal: AbortSignal,
): Promise<"reloaded"> {
  const { title } = master;
  let why = "";
  const processes = async (): Promise<Processes | undefined> => {
    const answer = await ask(master, "show proc", answerMs, clock, signal);
    const found = "text" in answer ? parseProcesses(answer.text) : undefined;
    why = "why" in answer ? answer.why : `${master.path} does not answer as a master does`;
    return found;
  };

  const before = await poll(processes, startingMs, clock, signal);
  if (!before) throw faults.PROXY_NOT_RUNNING({ title, why });
  const reload = async (): Promise<Outcome | undefined> => {
    const now = await processes();
    if (!now) return undefined;
    if (now.reloads > before.reloads) return judge(before, now);
    // Not told yet, or told while it was starting anew for somebody else: then the command was lost.
    const answer = await ask(master, "reload", timeoutMs, clock, signal);
    return "text" in answer ? parseReload(answer.text) : undefined;
  };
  /** For a moment both workers take connections, and the old one answers by the old files. */
  const oldHasLeft = async (): Promise<boolean> => {
    if (before.worker === undefined) return true;
    const command = `@!${before.worker} show info`;
    const answer = await ask(master, command, answerMs, clock, signal);
    return "text" in answer && (parseInfo(answer.text)?.stopping ?? true);
  };
  const attempt = async (): Promise<Outcome | undefined> => {
    const outcome = await reload();
    return !outcome?.ok || (await oldHasLeft()) ? outcome : undefined;
  };
  const outcome = await poll(attempt, timeoutMs, clock, signal);
  if (outcome?.ok) return "reloaded";
  if (!outcome && !(await processes())) throw faults.PROXY_NOT_RUNNING({ title, why });
  const words = outcome?.words ?? `not done after ${formatDuration(timeoutMs)}`;
  throw faults.PROXY_REJECTED({ title, words });
}

/** What has become of a reload that the master has counted, or undefined while it is under way. */
function judge(before: Processes, now: Processes): Outcome | undefined {
  if (now.failed > 0) return { ok: false, words: "its master's log says why the reload failed" };
  return now.worker !== undefined && now.worker !== before.worker ? { ok: true } : undefined;
}

/** Reads the answer to `reload` of 2.7 and newer: `Success=0`, then a line of dashes and what was logged. */
function parseReload(answer: string): Outcome | undefined {
  const success = /^Success=([01])/m.exec(answer)?.[1];
  if (success === undefined) return undefined;
  if (success === "1") return { ok: true };
  const words = lastLines(answer.slice(answer.indexOf("--") + 2), cleanLine).join(" | ");
  return { ok: false, words: words || "its master's log says why the reload failed" };
}
