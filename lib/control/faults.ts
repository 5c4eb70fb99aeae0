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
  CONTROL_NOT_SUPPORTED: {
    retry: false,
    message: (d: { path: string; request: string }) =>
      `the sidekick at ${d.path} cannot answer ${d.request}: it was started from an older version; restart it`,
  },
  CONTROL_SEVERAL_AGENTS: {
    retry: false,
    /** Each agent is its configuration, its process id, and its socket. */
    message: (d: { agents: readonly string[] }) => [
      "several sidekicks run here: select one with -c or --socket, or see all with sidekick status --all",
      ...d.agents,
    ],
  },
  CONTROL_REQUEST_INVALID: {
    retry: false,
    message: (d: { problem: string }) => `invalid request: ${d.problem}`,
  },
  CONTROL_NONE_SELECTED: {
    retry: false,
    message: (d: { candidates: readonly string[] }) =>
      d.candidates.length === 0
        ? "nothing was done: there is no instance to select"
        : `nothing was done: name instances, or use --all for all of ${listed(d.candidates)}`,
  },
  CONTROL_UNKNOWN_INSTANCE: {
    retry: false,
    message: (d: { names: readonly string[]; known: readonly string[] }) =>
      `there is no instance ${d.names.join(", ")}: this sidekick has ${listed(d.known)}`,
  },
  CONTROL_NOT_DISCOVERED: {
    retry: false,
    message: (d: { limitMs: number }) =>
      `discovery has not completed within ${formatDuration(d.limitMs)}: which instances there are is not known`,
  },
  CONTROL_NO_WEIGHTS: {
    retry: false,
    message: () => "entries of the format address have no weight: set presence.format to json",
  },
  CONTROL_NO_PRESENCE: {
    retry: false,
    message: (d: { pid: number }) =>
      `the sidekick with process id ${d.pid} has no presence agent, and so no instances`,
  },
  CONTROL_NO_WATCHER: {
    retry: false,
    message: (d: { pid: number }) =>
      `the sidekick with process id ${d.pid} has no watcher, and so no files`,
  },
});

/** The most names in a message. */
const mostNames = 20;

function listed(names: readonly string[]): string {
  const first = names.slice(0, mostNames).join(", ");
  return names.length > mostNames ? `${first} and ${names.length - mostNames} others` : first;
}
