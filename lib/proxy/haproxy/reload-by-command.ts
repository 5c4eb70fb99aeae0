import { type Command, run } from "../../base/exec.ts";
import type { ProxyDeps } from "../contract.ts";
import { commandFault } from "../faults.ts";
import { type CommandSocket, notAnswering } from "./send-command.ts";
import { currentWorker, replaceWorker } from "./worker.ts";

export interface CommandReload {
  readonly title: string;
  readonly command: Command;
  /** The stats socket, which verifies the reload and shows whether haproxy is running; without it, neither is known. */
  readonly socket: CommandSocket | undefined;
}

/** Reloads by a command, such as `systemctl reload haproxy`. Throws any PROXY_ fault. */
export async function reloadByCommand(
  { title, command, socket }: CommandReload,
  deps: ProxyDeps,
  signal: AbortSignal,
): Promise<"ran" | "reloaded"> {
  const trigger = async () => {
    const finished = await run(command, deps.clock, signal);
    if (finished.ok) return;
    const worker = socket && (await currentWorker(socket, deps, signal));
    if (worker && "reason" in worker) throw notAnswering(title, worker);
    throw commandFault(title, finished);
  };
  if (socket) return await replaceWorker(socket, trigger, command.timeoutMs, deps, signal);
  await trigger();
  return "ran";
}
