import type { TestContext } from "node:test";
import { eventually, promised } from "../support/process.ts";
import { type DockerEngine, image, startDockerEngine } from "./docker-engine.ts";

/** Within this time discovery agrees with the engine, in milliseconds. */
export const soonMs = 1000;

/** A HEALTHCHECK that succeeds at its first probe, a second after the start. */
const healthCheck = ["--health-cmd=test -e /healthy", "--health-interval=1s", "--network=tests"];

/** A real engine with containers that are healthy as soon as their HEALTHCHECK passes. */
export interface Scene extends DockerEngine {
  run(name: string, ...options: string[]): Promise<string>;
  /** The names of the containers that are healthy by `docker ps`, sorted. */
  healthy(): Promise<readonly string[]>;
}

export async function startScene(t: Pick<TestContext, "after" | "signal">): Promise<Scene> {
  const engine = await startDockerEngine(t);
  const { docker } = engine;
  return {
    ...engine,
    run: (name, ...options) =>
      docker(
        "run",
        "-d",
        `--name=${name}`,
        ...healthCheck,
        "-p",
        engine.publish,
        ...options,
        image,
      ),
    healthy: async () => {
      const lines = (await docker("ps", "--format={{.Names}} {{.Status}}")).split("\n");
      const up = lines.filter((line) => line && !/\((Paused|.*starting|unhealthy)\)/.test(line));
      return up.map((line) => line.split(" ")[0] ?? "").sort();
    },
  };
}

/** Waits until the list of the engine is as expected, and then, for `soonMs` at most, until `names` are the same. */
export async function agreed(
  { healthy }: Scene,
  { names }: { names(): readonly string[] },
  isExpected: (names: readonly string[]) => boolean,
): Promise<void> {
  const up = await eventually("the engine lists the expected containers", async () => {
    const now = await healthy();
    return isExpected(now) && now;
  });
  const agrees = () => String(names()) === String(up);
  await promised(`${up} are discovered`, agrees, soonMs);
}

/** For `agreed`: exactly these names. */
export function has(...names: readonly string[]): (now: readonly string[]) => boolean {
  return (now) => String(now) === String([...names].sort());
}
