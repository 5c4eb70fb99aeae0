import { faults } from "./faults.ts";

/** A part of the watcher of this process. Throws CONTROL_NO_WATCHER if none runs. */
export function ofWatcher<T>(part: T | undefined, pid: number): T {
  if (part === undefined) throw faults.CONTROL_NO_WATCHER({ pid });
  return part;
}
