import { formatDuration } from "../../base/duration.ts";
import type { Container, Flapping } from "./contract.ts";

/** The state of a container by its engine: `draining` is healthy and about to stop. */
export type ContainerStanding =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string }
  | { readonly state: "draining"; readonly why: string };

type ObservedContainer = Pick<Container, "state" | "health" | "stoppingUntilMs" | "flapping">;

/** Derives the state of a container; undefined if it has exited or is restarting, which counts as absent. */
export function containerStanding({
  state,
  health,
  stoppingUntilMs,
  flapping,
}: ObservedContainer): ContainerStanding | undefined {
  if (state === "ended" || state === "restarting") return undefined;
  if (state === "paused") return { state: "down", why: "it is paused" };
  if (health.status === "starting") {
    return { state: "down", why: "its HEALTHCHECK has not passed yet" };
  }
  if (health.status === "unhealthy") {
    const output = health.output && `: ${health.output}`;
    return { state: "down", why: `its HEALTHCHECK fails${output}` };
  }
  if (flapping) return { state: "down", why: explain(flapping) };
  return stoppingUntilMs === undefined
    ? { state: "up" }
    : { state: "draining", why: "it was asked to stop" };
}

function explain({ livedMs, requiredMs }: Flapping): string {
  const [lived, required] = [formatDuration(livedMs), formatDuration(requiredMs)];
  return `flapping: it ended ${lived} after its start, and counts as up again once it has lived ${required}`;
}
