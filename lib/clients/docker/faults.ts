import { formatDuration } from "../../base/duration.ts";
import { catalogue } from "../../base/fault.ts";

export const faults = catalogue({
  DOCKER_UNREACHABLE: {
    retry: true,
    message: (d: { socket: string; why: string }) =>
      `the container engine at ${d.socket} is unreachable: ${d.why}`,
  },
  DOCKER_TIMEOUT: {
    retry: true,
    message: (d: { socket: string; action: string; limitMs: number }) =>
      `the container engine at ${d.socket} did not ${d.action} within ${formatDuration(d.limitMs)}`,
  },
  DOCKER_REFUSED: {
    retry: true,
    message: (d: { socket: string; action: string; status: number; why: string }) =>
      `the container engine at ${d.socket} refused to ${d.action}: ${d.why} (status ${d.status})`,
  },
  DOCKER_FAILED: {
    retry: true,
    message: (d: { socket: string; action: string; why: string }) =>
      `the container engine at ${d.socket} failed to ${d.action}: ${d.why}`,
  },
  DOCKER_UNREADABLE: {
    retry: true,
    message: (d: { socket: string; action: string }) =>
      `the response from ${d.socket} to the request to ${d.action} is not that of a container engine: expected the socket of Docker or Podman`,
  },
  DOCKER_EVENTS_ENDED: {
    retry: true,
    message: (d: { socket: string }) =>
      `the container engine at ${d.socket} closed its event stream`,
  },
});
