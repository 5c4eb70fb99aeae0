import { withoutStagingNames } from "../base/atomic.ts";
import { failureSummary, printedLines, run } from "../base/exec.ts";
import type { Fault } from "../base/fault.ts";
import type { InstallDeps, InstallTarget } from "./contract.ts";
import { faults, leftAt } from "./faults.ts";

/** The cause of INSTALL_CHECK_FAILED: all that the command printed, of which the fault has the end only. */
class CheckOutput {
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.lines = lines;
  }
}

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
  const lines = printedLines(finished.output, clean).map(withoutStagingNames);
  throw faults.INSTALL_CHECK_FAILED({ path, output, left: leftAt(path) }, new CheckOutput(lines));
}

/** All lines that a failed check command printed; none for another fault. */
export function checkOutput({ cause }: Fault): readonly string[] {
  return cause instanceof CheckOutput ? cause.lines : [];
}
