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
