import { andMore, shortened } from "../base/excerpt.ts";
import type { Log } from "../base/log.ts";
import type { Quarantined } from "../model/pool.ts";

/** More entries at once are one log line, with so many examples. */
const mostLines = 3;

/** The longest example, in characters. */
const longest = 300;

/** Logs entries that are quarantined from now on; `how` follows on the verb: `, and retried from time to time`. */
export function logQuarantined(entries: readonly Quarantined[], how: string, log: Log): void {
  if (entries.length > mostLines) {
    const count = entries.length;
    const examples = entries.slice(0, mostLines).map(describe);
    const sentence = `${count} entries are quarantined${how}: ${andMore(examples, count)}`;
    log.warn("quarantined", sentence, { count, examples });
    return;
  }
  for (const { key, revision, why } of entries) {
    const sentence = `${key} (revision ${revision}) is quarantined${how}: ${why}`;
    log.warn("quarantined", sentence, { key, revision, why });
  }
}

/** Logs entries that are no longer quarantined. */
export function logReleased(keys: readonly string[], log: Log): void {
  if (keys.length > mostLines) {
    const count = keys.length;
    const examples = keys.slice(0, mostLines);
    const sentence = `${count} entries are no longer quarantined: ${andMore(examples, count)}`;
    log.info("quarantine_ended", sentence, { count, examples });
    return;
  }
  for (const key of keys) {
    log.info("quarantine_ended", `${key} is no longer quarantined`, { key });
  }
}

function describe({ key, revision, why }: Quarantined): string {
  return shortened(`${key} (revision ${revision}): ${why}`, longest);
}
