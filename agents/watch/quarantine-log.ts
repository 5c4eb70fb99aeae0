import type { Log } from "../../lib/base/log.ts";
import type { QuarantineChanges } from "../../lib/view/quarantine.ts";

/** Logs which entries files are written without, and which of them are back. */
export function logQuarantine({ quarantined, released }: QuarantineChanges, log: Log): void {
  for (const { key, revision, why } of quarantined) {
    const sentence = `${key} (revision ${revision}) is quarantined, and retried from time to time: ${why}`;
    log.warn("quarantined", sentence, { key, revision, why });
  }
  for (const key of released) {
    log.info("quarantine_ended", `${key} is no longer quarantined`, { key });
  }
}
