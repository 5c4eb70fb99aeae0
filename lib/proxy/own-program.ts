import { basename } from "node:path";
import type { Observed, OwnProgram } from "./contract.ts";
import { faults } from "./faults.ts";

/** The program if it is the one that is meant, by the name of its file or that of a script's first arguments. */
export function ownProgram(
  program: OwnProgram | undefined,
  namePattern: RegExp,
): OwnProgram | undefined {
  const words = program?.argv.slice(0, 3).flatMap((word) => word.split(/\s+/)) ?? [];
  return words.some((word) => namePattern.test(basename(word))) ? program : undefined;
}

/** Finds the process of a program that this process runs. Throws PROXY_NOT_RUNNING. */
export function findOwnProcess(title: string, { pid }: OwnProgram): number {
  if (pid !== undefined) return pid;
  const reason = "sidekick has not started it, or it has ended";
  throw faults.PROXY_NOT_RUNNING({ title, reason, isKnown: true });
}

/** The observation of a program of this process that does not run; undefined if it runs. */
export function endedProgram(title: string, program: OwnProgram): Observed | undefined {
  if (program.pid !== undefined) return undefined;
  // Its process group was killed then.
  return { state: "down", why: `${title} is not running: sidekick runs it`, hasEnded: true };
}
