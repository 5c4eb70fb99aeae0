import type { Reason, ReasonKind } from "./contract.ts";
import { reasonMeanings } from "./reasons.ts";

/** A reason of a kind, with what the kind means unless `more` knows better. */
export function reason(
  kind: ReasonKind,
  message: string,
  since?: string,
  more: Partial<Pick<Reason, "meanwhile" | "advice">> = {},
): Reason {
  const { meanwhile, advice } = reasonMeanings[kind];
  return { kind, message, ...(since !== undefined && { since }), meanwhile, advice, ...more };
}

/** The cause, with its subject and the event unless the cause names the subject itself. */
export function about(subject: string, event: string, cause: string): string {
  return cause.includes(subject) ? cause : `${subject} ${event}: ${cause}`;
}
