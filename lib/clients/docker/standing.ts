import type { Container } from "./contract.ts";

/** The state of a container by its engine: `draining` is healthy and about to stop. */
export type ContainerStanding =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string }
  | { readonly state: "draining"; readonly why: string };

type ObservedContainer = Pick<Container, "state" | "health" | "stoppingUntilMs">;

/** Derives the state of a container; undefined if it has exited or is restarting, which counts as absent. */
export function containerStanding({
  state,
  health,
  stoppingUntilMs,
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
  return stoppingUntilMs === undefined
    ? { state: "up" }
    : { state: "draining", why: "it was asked to stop" };
}
