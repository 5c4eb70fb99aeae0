import type { Cause, KeyChange, Reason } from "./contract.ts";

/** A cause names so many keys, and counts the others. */
export const mostKeys = 20;

export const noCause: Cause = { keys: [], more: 0, reasons: [] };

/** The cause with these keys, in this order. */
export function causeOf(changes: readonly KeyChange[], reasons: readonly Reason[]): Cause {
  const keys = changes.slice(0, mostKeys);
  return { keys, more: changes.length - keys.length, reasons };
}

/** The cause in a few words, for log lines and lists: `/services/web/a@17 +3`; empty if there is none. */
export function describeCause({ keys, more, reasons }: Cause): string {
  const [first] = keys;
  if (!first) return reasons.join(" ");
  const others = keys.length - 1 + more;
  return [`${first.key}@${first.revision}`, ...(others > 0 ? [`+${others}`] : []), ...reasons].join(
    " ",
  );
}
