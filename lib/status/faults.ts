import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  STATUS_NOTIFY_FAILED: {
    retry: true,
    message: (d: { problem: string }) => `systemd could not be notified: ${d.problem}`,
  },
});
