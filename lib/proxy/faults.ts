import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  PROXY_NOT_RUNNING: {
    retry: true,
    message: (d: { title: string; reason: string }) =>
      `${d.title} is not running (${d.reason}): it will read the new files when it starts`,
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
  PROXY_COMMAND_FAILED: {
    retry: true,
    message: (d: { title: string; output: string }) => `${d.title} failed: ${d.output}`,
  },
});
