import { existsSync } from "node:fs";
import { withoutStagingNames } from "../base/atomic.ts";
import { catalogue } from "../base/fault.ts";

/** What a fault leaves at the path of a target. */
type Left = "the previous file is kept" | "the new file stays" | "there is no file yet";

export const faults = catalogue({
  INSTALL_CHECK_FAILED: {
    retry: true,
    message: (d: { path: string; output: string; left: Left }) =>
      `the check command of ${d.path} failed (${d.output}); ${d.left}`,
  },
  INSTALL_UNWRITABLE: {
    retry: true,
    message: (d: { path: string; reason: string; left: Left }) =>
      `${d.path} cannot be replaced: ${d.reason}; ${d.left}`,
  },
});

/** What a failed `install` leaves at a path, links included: it replaces nothing. */
export function leftAt(path: string): Left {
  return existsSync(path) ? "the previous file is kept" : "there is no file yet";
}

/** Runs `work`. An error of the operating system is thrown as INSTALL_UNWRITABLE, with what is left by default. */
export async function orUnwritable<T>(
  path: string,
  work: () => Promise<T>,
  left?: Left,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const reason = withoutStagingNames(error.message);
    throw faults.INSTALL_UNWRITABLE({ path, reason, left: left ?? leftAt(path) });
  }
}

/** Whether the operating system reported the error, as opposed to a bug. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
