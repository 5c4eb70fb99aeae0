import type { Container } from "../../clients/docker/contract.ts";
import type { Standing } from "../contract.ts";

type Seen = Pick<Container, "state" | "health" | "stopping">;

/** What the engine says of a container; undefined where that is as good as not there. */
export function standingOf({ state, health, stopping }: Seen): Standing | undefined {
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
