import { readFile } from "node:fs/promises";
import { kill } from "node:process";
import { sentence, systemCode } from "../base/fault.ts";
import { faults } from "./faults.ts";

/**
 * The process that a pid file names, once its command line is seen to match: the file may be older than
 * the machine's last start, and its number somebody else's. Throws PROXY_NOT_RUNNING.
 */
export async function processOf(title: string, pidFile: string, what: RegExp): Promise<number> {
  const notRunning = (why: string, cause?: unknown) =>
    faults.PROXY_NOT_RUNNING({ title, why }, cause);
  const text = await readFile(pidFile, "utf8").catch((error: unknown) => {
    throw notRunning(sentence(error), error);
  });
  const pid = Number(text.trim().split("\n")[0]);
  if (!(Number.isInteger(pid) && pid > 0)) throw notRunning(`${pidFile} holds no process id`);
  if (what.test(await commandLine(pid))) return pid;
  throw notRunning(`process ${pid} of ${pidFile} has ended`);
}

/** The command line of a process, as it likes to show it; empty when there is no such process. */
export async function commandLine(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(ifGone);
  return text.replaceAll("\0", " ").trim();
}

/** The processes that a process has started and that have not ended. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(ifGone);
  return text.trim().split(" ").filter(Boolean).map(Number);
}

/** Sends a signal. Throws PROXY_NOT_RUNNING or PROXY_UNREACHABLE. */
export function send(title: string, pid: number, signal: NodeJS.Signals): void {
  try {
    kill(pid, signal);
  } catch (error) {
    const fault = systemCode(error) === "ESRCH" ? "PROXY_NOT_RUNNING" : "PROXY_UNREACHABLE";
    throw faults[fault]({ title, why: `process ${pid}: ${sentence(error)}` }, error);
  }
}

/** A process may end at any time, also while it is looked at. */
function ifGone(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ESRCH") return "";
  throw error;
}
