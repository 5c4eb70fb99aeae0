import type { Cause, KeyChange, Reason } from "./contract.ts";

/** A cause names so many keys, and counts the others. */
export const mostKeys = 20;

export const noCause: Cause = { keys: [], more: 0, reasons: [] };

/** The cause with these keys, in this order. */
export function causeOf(changes: readonly KeyChange[], reasons: readonly Reason[]): Cause {
  const keys = changes.slice(0, mostKeys);
  return { keys, more: changes.length - keys.length, reasons };
}

/**
 * The cause in a few words, for log lines and lists: `/services/web/a@17 +3`; empty if there is none. `mark` gives what stands
 * before the key, and nothing by default.
 */
export function describeCause(
  { keys, more, reasons }: Cause,
  mark: (change: KeyChange) => string = () => "",
): string {
  const [first] = keys;
  if (!first) return reasons.join(" ");
  const others = keys.length - 1 + more;
  const key = `${mark(first)}${first.key}@${first.revision}`;
  return [key, ...(others > 0 ? [`+${others}`] : []), ...reasons].join(" ");
}

/** What happened to a key, as in a diff: it is new, has another value, is gone, or is quarantined. */
export function markOf({ op, before }: KeyChange): string {
  if (op === "quarantined") return "quarantined ";
  if (op === "gone") return "- ";
  return before === undefined ? "+ " : "~ ";
}
