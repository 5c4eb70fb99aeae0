import type { TestContext } from "node:test";
import { eventually, promised } from "../support/process.ts";
import { type DockerEngine, image, startDockerEngine } from "./docker-engine.ts";

/** How soon whoever follows the engine is to agree with it, in milliseconds. */
export const soonMs = 1000;

/** A container with a HEALTHCHECK that is passed with the first probe, a second after the start. */
const well = ["--health-cmd=test -e /well", "--health-interval=1s", "--network=tests"];

/** A real engine with containers that are well once their HEALTHCHECK says so. */
export interface Scene extends DockerEngine {
  run(name: string, ...options: string[]): Promise<string>;
  /** What `docker ps` says is up: the names, in order. */
  healthy(): Promise<readonly string[]>;
}

export async function startScene(t: Pick<TestContext, "after" | "signal">): Promise<Scene> {
  const engine = await startDockerEngine(t);
  const { docker } = engine;
  return {
    ...engine,
    run: (name, ...options) =>
      docker("run", "-d", `--name=${name}`, ...well, "-p", engine.publish, ...options, image),
    healthy: async () => {
      const lines = (await docker("ps", "--format={{.Names}} {{.Status}}")).split("\n");
      const up = lines.filter((line) => line && !/\((Paused|.*starting|unhealthy)\)/.test(line));
      return up.map((line) => line.split(" ")[0] ?? "").sort();
    },
  };
}

/** Waits until the engine's list is as wanted, and then, no longer than promised, for the other one to say the same. */
export async function agreed(
  { healthy }: Scene,
  { names }: { names(): readonly string[] },
  wanted: (names: readonly string[]) => boolean,
): Promise<void> {
  const up = await eventually("the engine's list is as wanted", async () => {
    const now = await healthy();
    return wanted(now) && now;
  });
  const agrees = () => String(names()) === String(up);
  await promised(`${up} are found`, agrees, soonMs);
}

/** Whether it is exactly these. */
export function has(...names: readonly string[]): (now: readonly string[]) => boolean {
  return (now) => String(now) === String([...names].sort());
}
