import { z } from "zod";
import { Fault, sentence } from "../base/fault.ts";
import { path } from "../base/schema.ts";
import { shortageIn } from "../base/shortage.ts";
import type { Engine } from "../clients/docker/engine.ts";
import { containerStanding } from "../clients/docker/standing.ts";
import { attempt } from "./attempt.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { fields } from "./fields.ts";

const { interval, timeout } = fields;

export const schema = z
  .strictObject({
    type: z.literal("docker"),
    interval,
    timeout,
    rise: z.int().min(1).default(1).describe("Consecutive successes to be healthy again."),
    fall: z.int().min(1).default(1).describe("Consecutive failures to be unhealthy."),
    container: z.string().min(1).describe("The name or id of the container."),
    socket: path
      .default("/var/run/docker.sock")
      .describe("The unix socket of the container engine, Docker or Podman."),
  })
  .describe("Healthy if the container runs and its HEALTHCHECK, if it has one, succeeds.");

export type DockerConfig = z.infer<typeof schema>;

/** Asks the container engine for the state of a container. */
export function createDockerCheck(
  { container: name, socket, timeout: timeoutMs }: DockerConfig,
  _target: Target,
  { clock }: CheckDeps,
): Check {
  const inspect = async (Client: typeof Engine, signal: AbortSignal) => {
    await using engine = new Client(socket);
    const container = await engine.inspect(name, signal);
    const standing = container ? containerStanding(container) : undefined;
    if (!standing) return "it is not running";
    return standing.state === "up" ? undefined : standing.why;
  };
  const probe = (Client: typeof Engine, signal: AbortSignal) =>
    inspect(Client, signal).catch((error) => {
      if (signal.aborted || !(error instanceof Fault) || shortageIn(error)) throw error;
      return sentence(error);
    });
  return {
    title: `docker ${name}`,
    async probe(signal) {
      // Loaded by the first probe, outside its time limit: most configurations have no docker check.
      const { Engine } = await import("../clients/docker/engine.ts");
      return await attempt((inner) => probe(Engine, inner), timeoutMs, clock, signal);
    },
  };
}
