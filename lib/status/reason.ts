import type { Reason, ReasonKind } from "./contract.ts";
import { reasonMeanings } from "./reasons.ts";

/** A reason that is not worded yet: there may be a hundred thousand of them, of which a few are reported. */
export interface ReasonDraft extends Pick<Reason, "kind"> {
  readonly make: () => Reason;
}

/** A reason of a kind, with what the kind means unless `more` knows better. A message that takes time is a function. */
export function reason(
  kind: ReasonKind,
  message: string | (() => string),
  since?: string,
  more: Partial<Pick<Reason, "meanwhile" | "advice">> = {},
): ReasonDraft {
  const make = (): Reason => {
    const { meanwhile, advice } = reasonMeanings[kind];
    const text = typeof message === "string" ? message : message();
    const at = since !== undefined && { since };
    return { kind, message: text, ...at, meanwhile, advice, ...more };
  };
  return { kind, make };
}

/** The cause, with its subject and the event unless the cause names the subject itself. */
export function about(subject: string, event: string, cause: string): string {
  return cause.includes(subject) ? cause : `${subject} ${event}: ${cause}`;
}
