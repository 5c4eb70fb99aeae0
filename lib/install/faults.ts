import { withoutStagingNames } from "../base/atomic.ts";
import { catalogue } from "../base/fault.ts";

export const faults = catalogue({
  INSTALL_CHECK_FAILED: {
    retry: true,
    message: (d: { path: string; output: string }) =>
      `the check command of ${d.path} failed (${d.output}); the previous file is kept`,
  },
  INSTALL_UNWRITABLE: {
    retry: true,
    message: (d: { path: string; reason: string }) =>
      `${d.path} cannot be replaced: ${d.reason}; the previous file is kept`,
  },
});

/** Runs `work`. An error of the operating system is thrown as INSTALL_UNWRITABLE. */
export async function orUnwritable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw faults.INSTALL_UNWRITABLE({ path, reason: withoutStagingNames(error.message) });
  }
}

/** Whether the operating system reported the error, as opposed to a bug. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
