import { formatDuration } from "../base/duration.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  CONTROL_SOCKET_IN_USE: {
    retry: true,
    message: (d: { path: string }) =>
      `another sidekick answers at ${d.path}: it runs this configuration already; stop it, or give this one a status.socket of its own`,
  },
  CONTROL_SOCKET_UNAVAILABLE: {
    retry: true,
    message: (d: { path: string; problem: string }) =>
      `nobody can ask this sidekick: ${d.path} cannot be its socket: ${d.problem}`,
  },
  CONTROL_ADDRESS_UNAVAILABLE: {
    retry: true,
    message: (d: { address: string }) => `the status page cannot be served at ${d.address}`,
  },
  CONTROL_NO_AGENT: {
    retry: true,
    message: (d: { where: string }) => `no sidekick answers at ${d.where}`,
  },
  CONTROL_TIMEOUT: {
    retry: true,
    message: (d: { path: string; limitMs: number }) =>
      `the sidekick at ${d.path} has not answered within ${formatDuration(d.limitMs)}`,
  },
  CONTROL_CONNECTION_CLOSED: {
    retry: true,
    message: (d: { path: string }) =>
      `the sidekick at ${d.path} ended before it had answered: what it had announced leaves with it`,
  },
  CONTROL_SEVERAL_AGENTS: {
    retry: false,
    message: (d: { paths: readonly string[] }) =>
      `several sidekicks run here, so say which one is meant: ${d.paths.join(", ")}`,
  },
  CONTROL_DRAIN_INVALID: {
    retry: false,
    message: (d: { problem: string }) => `this cannot be drained: ${d.problem}`,
  },
  CONTROL_UNKNOWN_INSTANCE: {
    retry: false,
    message: (d: { names: readonly string[]; known: readonly string[] }) =>
      `there is no instance ${d.names.join(", ")}: this sidekick has ${d.known.join(", ")}`,
  },
  CONTROL_NOTHING_TO_DRAIN: {
    retry: false,
    message: (d: { pid: number }) =>
      `there is nobody to drain: the sidekick with process id ${d.pid} announces no instances`,
  },
  STATUS_NOTIFY_FAILED: {
    retry: true,
    message: (d: { problem: string }) =>
      `systemd could not be told how this sidekick fares: ${d.problem}`,
  },
});
