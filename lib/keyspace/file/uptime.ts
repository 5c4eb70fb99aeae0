import { readFileSync } from "node:fs";
import { hrtime } from "node:process";

/**
 * Time that all processes of a machine share and that nobody sets: a wall clock that jumps would look
 * like the loss of every session at once.
 */
export interface Uptime {
  /** Names the boot that `now` counts from; empty where the system gives it no name. */
  readonly boot: string;
  /** Milliseconds; they stand still while the machine sleeps, and so do the sessions. */
  now(): number;
}

export function systemUptime(): Uptime {
  return { boot: bootId(), now: () => Number(hrtime.bigint() / 1000n) / 1000 };
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Not Linux: a heartbeat of an earlier boot then lies in the future, or is long ago.
    return "";
  }
}
