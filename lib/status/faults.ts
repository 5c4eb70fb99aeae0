import { formatDuration } from "../base/duration.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  STATUS_SOCKET_TAKEN: {
    retry: true,
    say: (d: { path: string }) =>
      `another sidekick answers at ${d.path}: it runs this configuration already; stop it, or give this one a status.socket of its own`,
  },
  STATUS_SOCKET: {
    retry: true,
    say: (d: { path: string; problem: string }) =>
      `nobody can ask this sidekick: ${d.path} cannot be its socket: ${d.problem}`,
  },
  STATUS_ADDRESS: {
    retry: true,
    say: (d: { address: string }) => `the status page cannot be served at ${d.address}`,
  },
  STATUS_NOBODY: {
    retry: true,
    say: (d: { where: string }) => `no sidekick answers at ${d.where}`,
  },
  STATUS_NO_ANSWER: {
    retry: true,
    say: (d: { path: string; limitMs: number }) =>
      `the sidekick at ${d.path} has not answered within ${formatDuration(d.limitMs)}`,
  },
  STATUS_LEFT: {
    retry: true,
    say: (d: { path: string }) =>
      `the sidekick at ${d.path} ended before it had answered: what it had announced leaves with it`,
  },
  STATUS_SEVERAL: {
    retry: false,
    say: (d: { paths: readonly string[] }) =>
      `several sidekicks run here, so say which one is meant: ${d.paths.join(", ")}`,
  },
  STATUS_DRAIN_INVALID: {
    retry: false,
    say: (d: { problem: string }) => `this cannot be drained: ${d.problem}`,
  },
  STATUS_DRAIN_UNKNOWN: {
    retry: false,
    say: (d: { names: readonly string[]; known: readonly string[] }) =>
      `there is no instance ${d.names.join(", ")}: this sidekick has ${d.known.join(", ")}`,
  },
  STATUS_DRAIN_NOBODY: {
    retry: false,
    say: (d: { pid: number }) =>
      `there is nobody to drain: the sidekick with process id ${d.pid} announces no instances`,
  },
  STATUS_SYSTEMD: {
    retry: true,
    say: (d: { problem: string }) =>
      `systemd could not be told how this sidekick fares: ${d.problem}`,
  },
});
