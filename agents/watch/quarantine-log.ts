import type { Log } from "../../lib/base/log.ts";
import type { QuarantineChanges } from "../../lib/view/quarantine.ts";
import { logQuarantined, logReleased } from "../../lib/view/quarantine-log.ts";

/** Logs which entries files are written without, and which of them are back. */
export function logQuarantine({ quarantined, released }: QuarantineChanges, log: Log): void {
  logQuarantined(quarantined, ", and retried from time to time", log);
  logReleased(released, log);
}
