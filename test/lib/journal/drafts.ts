import type { Draft, Generation } from "../../../lib/journal/contract.ts";

/** A draft of a reload of one file with this text. */
export function draft(text: string, given: Partial<Draft> = {}): Draft {
  return {
    ...{ group: "a.cfg", how: "reloaded", revision: "7", textsBefore: undefined },
    texts: new Map([["/etc/a.cfg", text]]),
    cause: { keys: [], more: 0, reasons: [] },
    stages: { began: 0, ended: 1 },
    ...given,
  };
}

export function numbers(generations: readonly Generation[]): readonly number[] {
  return generations.map(({ n }) => n);
}
