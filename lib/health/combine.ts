import type { Verdict } from "../model/verdict.ts";
import type { Health } from "./contract.ts";

/** The combined verdict of several checks: down if any is down, else unknown if any is unknown, else up. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("down")) return "down";
  return verdicts.includes("unknown") ? "unknown" : "up";
}

/** The reasons of all failing checks of a subject, for messages; empty if it is up. */
export function explain({ checks }: Health): string {
  const failing = checks.filter(({ verdict }) => verdict === "down");
  return failing.map(({ title, why }) => `${title}: ${why}`).join("; ");
}

/**
 * Since when the combined verdict has not changed, in milliseconds of the agent's clock: since the first of the failing
 * checks if it is down, else since the last check. Undefined without checks.
 */
export function sinceMsOf({ verdict, checks }: Health): number | undefined {
  const deciding = checks.filter((check) => check.verdict === verdict);
  const times = deciding.map(({ sinceMs }) => sinceMs);
  if (times.length === 0) return undefined;
  return verdict === "down" ? Math.min(...times) : Math.max(...times);
}
