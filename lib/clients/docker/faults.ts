import { formatDuration } from "../../base/duration.ts";
import { catalogue } from "../../base/fault.ts";

export const faults = catalogue({
  DOCKER_UNREACHABLE: {
    retry: true,
    message: (d: { socket: string; why: string }) =>
      `the container engine at ${d.socket} cannot be reached: ${d.why}`,
  },
  DOCKER_TIMEOUT: {
    retry: true,
    message: (d: { socket: string; what: string; limitMs: number }) =>
      `the container engine at ${d.socket} did not ${d.what} within ${formatDuration(d.limitMs)}`,
  },
  DOCKER_REFUSED: {
    retry: true,
    message: (d: { socket: string; what: string; status: number; why: string }) =>
      `the container engine at ${d.socket} refused to ${d.what}: ${d.why} (status ${d.status})`,
  },
  DOCKER_FAILED: {
    retry: true,
    message: (d: { socket: string; what: string; why: string }) =>
      `the container engine at ${d.socket} failed to ${d.what}: ${d.why}`,
  },
  DOCKER_UNREADABLE: {
    retry: true,
    message: (d: { socket: string; what: string }) =>
      `what answers at ${d.socket} to the request to ${d.what} is no container engine: expected the socket of Docker or Podman`,
  },
  DOCKER_EVENTS_ENDED: {
    retry: true,
    message: (d: { socket: string }) =>
      `the container engine at ${d.socket} no longer tells what happens: its events have ended`,
  },
});
