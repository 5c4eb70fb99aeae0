import { type Command, failureSummary, run } from "../../base/exec.ts";
import { cleanLine } from "../clean-line.ts";
import type { ProxyDeps } from "../contract.ts";
import { faults } from "../faults.ts";
import type { Socket } from "./ask.ts";
import { replaceWorker, workerAt } from "./worker.ts";

export interface CommandWay {
  readonly title: string;
  readonly command: Command;
  /** Who proves the reload, and that there is anybody to reload; without it nobody does. */
  readonly socket: Socket | undefined;
}

/** Reloads by a command, such as `systemctl reload haproxy`. */
export async function reloadByCommand(
  { title, command, socket }: CommandWay,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"ran" | "reloaded"> {
  const tell = async () => {
    const finished = await run(command, deps.clock, signal);
    if (finished.ok) return;
    const now = socket && (await workerAt(socket, deps, signal));
    if (now && "why" in now) throw faults.PROXY_NOT_RUNNING({ title, why: now.why });
    throw faults.PROXY_COMMAND_FAILED({ title, words: failureSummary(finished, cleanLine) });
  };
  if (socket) return await replaceWorker(socket, tell, command.timeoutMs, deps, signal);
  await tell();
  return "ran";
}
