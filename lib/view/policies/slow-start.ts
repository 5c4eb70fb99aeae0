import { formatDuration } from "../../base/duration.ts";
import type { Ramp, SlowStart } from "./contract.ts";

/** The steps of a window, in milliseconds: all instances of all services make theirs at the same time. */
export function stepMs({ windowMs }: SlowStart): number {
  return Math.max(1000, windowMs / 20);
}

/** The share of its weight that an instance gets, by Envoy's formula; undefined once it has all of it. */
export function rampOf(slowStart: SlowStart, sinceMs: number, nowMs: number): Ramp | undefined {
  const { windowMs, aggression, min } = slowStart;
  const step = stepMs(slowStart);
  const elapsedMs = Math.max(0, Math.floor(nowMs / step) * step - sinceMs);
  if (elapsedMs >= windowMs) return undefined;
  const share = Math.max(min, (elapsedMs / windowMs) ** (1 / aggression));
  const why = `slow start ${formatDuration(elapsedMs)} of ${formatDuration(windowMs)}`;
  return { share, why };
}

/** When the shares of instances change next, in milliseconds of the clock. */
export function nextStepMs(slowStart: SlowStart, nowMs: number): number {
  const step = stepMs(slowStart);
  return (Math.floor(nowMs / step) + 1) * step;
}
