import { constants } from "node:os";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** SIGKILL: no container outlives it. */
export const kill = 9;

/** SIGTERM: what asks any program to end, whatever its image names as the signal to stop it. */
export const terminate = 15;

/** The first and the last of Linux's real-time signals, as programs count them. */
const [firstRealTime, lastRealTime] = [34, 64];

/** The number of a signal as Linux counts them: of `15`, `TERM`, `SIGTERM` or `SIGRTMIN+3`; undefined for anything else. */
export function signalNumber(text: string): number | undefined {
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (/^\d+$/.test(name)) return Number(name);
  const [, edge, , distance = 0] = /^RT(MIN|MAX)([+-](\d+))?$/.exec(name) ?? [];
  if (edge === "MIN") return firstRealTime + Number(distance);
  if (edge === "MAX") return lastRealTime - Number(distance);
  return numbers[`SIG${name}`];
}
