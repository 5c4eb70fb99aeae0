import { withoutStagingNames } from "../base/atomic.ts";
import { failureSummary, run } from "../base/exec.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { faults, leftAt } from "./faults.ts";

/**
 * Runs the check command of a target on the file `candidate`, if the target has one. Throws INSTALL_CHECK_FAILED if it
 * fails, cannot be started or reaches its time limit; INSTALL_UNWRITABLE if this process lacks a resource to run it.
 */
export async function check(
  { path, check: command }: InstallTarget,
  candidate: string,
  { clock, clean }: InstallDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!command) return;
  const argv = command.run.map((argument) => argument.replaceAll("{candidate}", candidate));
  const finished = await run({ argv, timeoutMs: command.timeout }, clock, signal);
  if (finished.ok) return;
  // Not a rejection: the command has not judged the candidate.
  const { shortage } = finished;
  if (shortage !== undefined)
    throw faults.INSTALL_UNWRITABLE({ path, reason: shortage, left: leftAt(path) });
  const output = withoutStagingNames(failureSummary(finished, clean));
  throw faults.INSTALL_CHECK_FAILED({ path, output, left: leftAt(path) });
}
