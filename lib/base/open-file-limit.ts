import { readFileSync } from "node:fs";

/** Assumed where the system does not report the limit. */
const usual = 1024;

/** How many file descriptors this process may have open: the soft limit, which Node.js raises to the hard one at its start. */
export function openFileLimit(): number {
  try {
    const [, soft] =
      /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? usual : Number(soft);
  } catch {
    return usual;
  }
}
