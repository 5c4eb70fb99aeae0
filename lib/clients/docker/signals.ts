import { constants } from "node:os";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** SIGKILL, which no container survives. */
export const kill = 9;

/** SIGTERM, which asks any program to exit, whatever the stop signal of its image. */
export const terminate = 15;

/** The first and the last real-time signal of Linux in the numbering of the C library. */
const [firstRealTime, lastRealTime] = [34, 64];

/** The number of a signal on Linux, given as `15`, `TERM`, `SIGTERM` or `SIGRTMIN+3`; undefined for anything else. */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (/^\d+$/.test(name)) return Number(name);
  const [, edge, , distance = 0] = /^RT(MIN|MAX)([+-](\d+))?$/.exec(name) ?? [];
  if (edge === "MIN") return firstRealTime + Number(distance);
  if (edge === "MAX") return lastRealTime - Number(distance);
  return numbers[`SIG${name}`];
}
