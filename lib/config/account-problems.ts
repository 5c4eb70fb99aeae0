import type { Clock } from "../base/clock.ts";
import { idOf } from "../install/accounts.ts";
import type { Problem } from "./located/problem.ts";
import type { ObjectNode } from "./located/tree.ts";
import { type ConfiguredAccount, templatesIn } from "./templates-in.ts";

/** The user that runs the agent. */
interface Runner {
  /** The user id; undefined where the system has none. */
  readonly uid: number | undefined;
  readonly clock: Clock;
}

/** The owners and groups of targets that do not exist on this machine, or that this user may not give a file to. */
export async function accountProblems(
  root: ObjectNode,
  runner: Runner,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const accounts = templatesIn(root).flatMap((template) => template.accounts);
  const problems = accounts.map((account) => problemOf(account, runner, signal));
  return (await Promise.all(problems)).flat();
}

async function problemOf(
  { kind, name, at }: ConfiguredAccount,
  { uid, clock }: Runner,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const id = await idOf({ kind, name }, clock, signal);
  if (id === undefined) return [{ position: at, message: `there is no ${kind} ${name}` }];
  // Any user may give a file to the groups that it belongs to.
  if (kind === "group" || uid === undefined || uid === 0 || uid === id) return [];
  const message = `a file can be given to the user ${name} by root only, and this is the user ${uid}`;
  return [{ position: at, message }];
}
