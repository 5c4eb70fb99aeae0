import type { Verdict } from "../model/verdict.ts";
import type { Health } from "./contract.ts";

/** The verdict of several checks together: all must pass, and none must still be open. No checks: up. */
export function combine(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("down")) return "down";
  return verdicts.includes("unknown") ? "unknown" : "up";
}

/** Why a subject is not up, in words: what its failing checks said. Empty when it is up. */
export function explain({ checks }: Health): string {
  const failing = checks.filter(({ verdict }) => verdict === "down");
  return failing.map(({ title, why }) => `${title}: ${why}`).join("; ");
}
