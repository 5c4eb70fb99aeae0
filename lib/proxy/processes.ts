import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { type Fault, sentence, systemCode } from "../base/fault.ts";
import { shortageIn } from "../base/shortage.ts";
import { faults } from "./faults.ts";

/**
 * Reads the process id in a pid file. The command line of the process must match `commandPattern`: after a reboot, the id
 * in an old pid file may belong to another process. Throws PROXY_NOT_RUNNING or PROXY_RESOURCES_EXHAUSTED.
 */
export async function findProcess(
  title: string,
  pidFile: string,
  commandPattern: RegExp,
): Promise<number> {
  const text = await readFile(pidFile, "utf8").catch((error: unknown) => {
    throw unreadable(title, error);
  });
  const pid = Number(text.trim().split("\n")[0]);
  if (!(Number.isInteger(pid) && pid > 0)) {
    const reason = `${pidFile} holds no process id`;
    throw faults.PROXY_NOT_RUNNING({ title, reason, isKnown: false });
  }
  if (commandPattern.test(await commandLine(pid))) return pid;
  const reason = `process ${pid} of ${pidFile} has ended`;
  throw faults.PROXY_NOT_RUNNING({ title, reason, isKnown: true });
}

/** A pid file that is missing does not prove that there is no process. */
function unreadable(title: string, error: unknown): Fault {
  const lack = shortageIn(error);
  return lack === undefined
    ? faults.PROXY_NOT_RUNNING({ title, reason: sentence(error), isKnown: false }, error)
    : faults.PROXY_RESOURCES_EXHAUSTED({ title, lack }, error);
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

/** A process that runs. */
export interface RunningProcess {
  /** When it was started, in clock ticks since the boot: distinguishes it from all others that had its id. */
  readonly since: number;
  readonly parent: number;
}

/**
 * A process; undefined if it has ended, or was stopped. Costs some microseconds, since `/proc` is read at once, without another
 * thread.
 */
export function runningProcess(pid: number): RunningProcess | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The fields follow the name in parentheses, which may contain any character.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (/^[TtZX]/.test(fields[0] ?? "")) return undefined;
    return { since: Number(fields[19]), parent: Number(fields[1]) };
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The ids of the child processes that are still running, as one string. Costs some microseconds. */
export function childrenNow(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return "";
  }
}

/** Sends a signal to a process. Throws PROXY_NOT_RUNNING or PROXY_UNREACHABLE. */
export function sendSignal(title: string, pid: number, signal: NodeJS.Signals): void {
  try {
    kill(pid, signal);
  } catch (error) {
    const reason = `process ${pid}: ${sentence(error)}`;
    throw systemCode(error) === "ESRCH"
      ? faults.PROXY_NOT_RUNNING({ title, reason, isKnown: true }, error)
      : faults.PROXY_UNREACHABLE({ title, reason }, error);
  }
}

/** A process can end at any time, also while its files in /proc are being read (ESRCH). */
function emptyIfEnded(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ESRCH") return "";
  throw error;
}
