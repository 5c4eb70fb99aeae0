import { formatDuration } from "../base/duration.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  CONTROL_SOCKET_IN_USE: {
    retry: true,
    message: (d: { path: string }) =>
      `another sidekick listens on ${d.path} and runs this configuration already: stop it, or set status.socket`,
  },
  CONTROL_SOCKET_UNAVAILABLE: {
    retry: true,
    message: (d: { path: string; problem: string }) => `cannot listen on ${d.path}: ${d.problem}`,
  },
  CONTROL_ADDRESS_UNAVAILABLE: {
    retry: true,
    message: (d: { address: string }) => `cannot listen on ${d.address}`,
  },
  CONTROL_NO_AGENT: {
    retry: true,
    message: (d: { where: string }) => `no sidekick answers at ${d.where}`,
  },
  CONTROL_PERMISSION_DENIED: {
    retry: true,
    message: (d: { path: string }) =>
      `permission denied: ${d.path} is for the user of its agent: run this command as that user or as root`,
  },
  CONTROL_TIMEOUT: {
    retry: true,
    message: (d: { path: string; limitMs: number }) =>
      `the sidekick at ${d.path} did not answer within ${formatDuration(d.limitMs)}`,
  },
  CONTROL_CONNECTION_CLOSED: {
    retry: true,
    message: (d: { path: string }) =>
      `the sidekick at ${d.path} stopped before it answered: its instances are deregistered`,
  },
  CONTROL_SEVERAL_AGENTS: {
    retry: false,
    /** Each agent is its configuration, its process id, and its socket. */
    message: (d: { agents: readonly string[] }) => [
      "several sidekicks run here: select one with -c or --socket, or see all with sidekick status --all",
      ...d.agents,
    ],
  },
  CONTROL_DRAIN_INVALID: {
    retry: false,
    message: (d: { problem: string }) => `invalid drain request: ${d.problem}`,
  },
  CONTROL_UNKNOWN_INSTANCE: {
    retry: false,
    message: (d: { names: readonly string[]; known: readonly string[] }) =>
      `there is no instance ${d.names.join(", ")}: this sidekick has ${d.known.join(", ")}`,
  },
  CONTROL_NOTHING_TO_DRAIN: {
    retry: false,
    message: (d: { pid: number }) =>
      `nothing to drain: the sidekick with process id ${d.pid} has no presence agent`,
  },
});
