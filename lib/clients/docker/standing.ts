import type { Container } from "./contract.ts";

/** What an engine has to say about a container: `draining` is one that is well and about to end. */
export type ContainerStanding =
  | { readonly state: "up" }
  | { readonly state: "down"; readonly why: string }
  | { readonly state: "draining"; readonly why: string };

type Seen = Pick<Container, "state" | "health" | "stopping">;

/** What the engine says of a container; undefined where that is as good as not there. */
export function containerStanding({
  state,
  health,
  stopping,
}: Seen): ContainerStanding | undefined {
  if (state === "ended" || state === "restarting") return undefined;
  if (state === "paused") return { state: "down", why: "it is paused" };
  if (health.status === "starting") {
    return { state: "down", why: "its HEALTHCHECK has not passed yet" };
  }
  if (health.status === "unhealthy") {
    const says = health.says && `: ${health.says}`;
    return { state: "down", why: `its HEALTHCHECK fails${says}` };
  }
  return stopping ? { state: "draining", why: "it was asked to stop" } : { state: "up" };
}
