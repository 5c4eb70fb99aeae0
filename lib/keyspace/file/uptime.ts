import { readFileSync } from "node:fs";
import { hrtime } from "node:process";

/**
 * The monotonic time that all processes of a machine share. A jump of the wall clock would expire every session at once.
 */
export interface Uptime {
  /** The id of the boot that `now` counts from; empty if the system has none. */
  readonly boot: string;
  /** Milliseconds since the boot, without the time that the machine was suspended. */
  now(): number;
}

export function systemUptime(): Uptime {
  return { boot: bootId(), now: () => Number(hrtime.bigint() / 1000n) / 1000 };
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux: a heartbeat of an earlier boot then lies in the future, or has expired.
    return "";
  }
}
