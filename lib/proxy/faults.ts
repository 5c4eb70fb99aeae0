import { type Finished, failureSummary } from "../base/exec.ts";
import { catalogue, type Fault } from "../base/fault.ts";
import { cleanLine } from "./clean-line.ts";

export const faults = catalogue({
  PROXY_NOT_RUNNING: {
    retry: true,
    message: (d: { title: string; reason: string; isKnown: boolean }) =>
      `${d.title} ${d.isKnown ? "is not running" : "cannot be reached, and may not be running"} (${d.reason})`,
  },
  PROXY_UNREACHABLE: {
    retry: true,
    message: (d: { title: string; reason: string }) =>
      `${d.title} is unreachable (${d.reason}): check that sidekick's user may signal it or use its socket`,
  },
  PROXY_REJECTED: {
    retry: true,
    message: (d: { title: string; reason: string }) =>
      `${d.title} rejected the new configuration and keeps running with the previous one: ${d.reason}`,
  },
  PROXY_RELOAD_WAITS: {
    retry: true,
    message: (d: { title: string; reason: string }) =>
      `${d.title} has to reload, and waits for its turn: ${d.reason}`,
  },
  PROXY_RESOURCES_EXHAUSTED: {
    retry: true,
    message: (d: { title: string; lack: string }) => `${d.title} cannot be reloaded: ${d.lack}`,
  },
  PROXY_COMMAND_FAILED: {
    retry: true,
    message: (d: { title: string; output: string }) => `${d.title} failed: ${d.output}`,
  },
});

/** The fault of a command that has not succeeded: a lack of this process is not the proxy's rejection of a file. */
export function commandFault(title: string, finished: Finished): Fault {
  const { shortage: lack } = finished;
  return lack === undefined
    ? faults.PROXY_COMMAND_FAILED({ title, output: failureSummary(finished, cleanLine) })
    : faults.PROXY_RESOURCES_EXHAUSTED({ title, lack });
}
