import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { sentence, systemCode } from "../base/fault.ts";
import { faults } from "./faults.ts";

/**
 * Reads the process id in a pid file. The command line of the process must match `commandPattern`: after a reboot, the id
 * in an old pid file may belong to another process. Throws PROXY_NOT_RUNNING.
 */
export async function findProcess(
  title: string,
  pidFile: string,
  commandPattern: RegExp,
): Promise<number> {
  const notRunning = (reason: string, cause?: unknown) =>
    faults.PROXY_NOT_RUNNING({ title, reason }, cause);
  const text = await readFile(pidFile, "utf8").catch((error: unknown) => {
    throw notRunning(sentence(error), error);
  });
  const pid = Number(text.trim().split("\n")[0]);
  if (!(Number.isInteger(pid) && pid > 0)) throw notRunning(`${pidFile} holds no process id`);
  if (commandPattern.test(await commandLine(pid))) return pid;
  throw notRunning(`process ${pid} of ${pidFile} has ended`);
}

/** The command line of a process, or the title that it has set; empty if there is no such process. */
export async function commandLine(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(emptyIfEnded);
  return text.replaceAll("\0", " ").trim();
}

/** The ids of the child processes that are still running. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(emptyIfEnded);
  return text.trim().split(" ").filter(Boolean).map(Number);
}

/** Whether a process was stopped by SIGSTOP or a debugger: it exists, and does nothing. */
export async function isStopped(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(emptyIfEnded);
  // The state follows the name in parentheses, which may contain any character.
  return /^[Tt]/.test(text.slice(text.lastIndexOf(")") + 2));
}

/** Sends a signal to a process. Throws PROXY_NOT_RUNNING or PROXY_UNREACHABLE. */
export function sendSignal(title: string, pid: number, signal: NodeJS.Signals): void {
  try {
    kill(pid, signal);
  } catch (error) {
    const fault = systemCode(error) === "ESRCH" ? "PROXY_NOT_RUNNING" : "PROXY_UNREACHABLE";
    throw faults[fault]({ title, reason: `process ${pid}: ${sentence(error)}` }, error);
  }
}

/** A process can end at any time, also while its files in /proc are being read (ESRCH). */
function emptyIfEnded(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ESRCH") return "";
  throw error;
}
