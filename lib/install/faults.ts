import { existsSync } from "node:fs";
import { withoutStagingNames } from "../base/atomic.ts";
import { catalogue } from "../base/fault.ts";
import { shortageIn } from "../base/shortage.ts";

/** What a fault leaves at the path of a target. */
type Left = "the previous file is kept" | "the new file stays" | "there is no file yet";

export const faults = catalogue({
  INSTALL_ACCOUNT_UNKNOWN: {
    retry: true,
    message: (d: { path: string; kind: "user" | "group"; name: string; left: Left }) =>
      `${d.path} cannot be given to the ${d.kind} ${d.name}: there is no such ${d.kind}; ${d.left}`,
  },
  INSTALL_OWNER_DENIED: {
    retry: true,
    message: (d: { path: string; kind: "user" | "group"; id: number; left: Left }) =>
      `${d.path} cannot be given to the ${d.kind} ${d.id}: only root may do that; ${d.left}`,
  },
  INSTALL_CHECK_FAILED: {
    retry: true,
    message: (d: { path: string; output: string; left: Left }) =>
      `the check command of ${d.path} failed (${d.output}); ${d.left}`,
  },
  INSTALL_RESOURCES_EXHAUSTED: {
    retry: true,
    message: (d: { path: string; lack: string; left: Left }) =>
      `${d.path} cannot be replaced at the moment: ${d.lack}; ${d.left}`,
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

/** Runs `work`. An error of the operating system is thrown as a fault: INSTALL_UNWRITABLE, or a lack of this process. */
export async function orUnwritable<T>(
  path: string,
  work: () => Promise<T>,
  left?: Left,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const what = { path, left: left ?? leftAt(path) };
    const lack = shortageIn(error);
    if (lack !== undefined) throw faults.INSTALL_RESOURCES_EXHAUSTED({ ...what, lack });
    throw faults.INSTALL_UNWRITABLE({ ...what, reason: withoutStagingNames(error.message) });
  }
}

/** Whether the operating system reported the error, as opposed to a bug. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
