import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  STATUS_NOTIFY_FAILED: {
    retry: true,
    say: (d: { problem: string }) => `systemd could not be notified: ${d.problem}`,
  },
});
