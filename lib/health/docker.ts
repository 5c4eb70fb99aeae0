import { z } from "zod";
import { Fault, sentence } from "../base/fault.ts";
import { path } from "../base/schema.ts";
import { Engine } from "../clients/docker/engine.ts";
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
    rise: z.int().min(1).default(1).describe("Good answers in a row that bring it back up."),
    fall: z.int().min(1).default(1).describe("Bad answers in a row that take it down."),
    container: z.string().min(1).describe("Its name or id."),
    socket: path
      .default("/var/run/docker.sock")
      .describe("The unix socket of the engine, Docker's or Podman's."),
  })
  .describe("Well is a container that runs, and whose HEALTHCHECK, if it has one, says so.");

export type DockerConfig = z.infer<typeof schema>;

/** Asks the engine how a container is. */
export function createDockerCheck(
  { container: name, socket, timeout: timeoutMs }: DockerConfig,
  _target: Target,
  { clock }: CheckDeps,
): Check {
  const ask = async (signal: AbortSignal) => {
    await using engine = new Engine(socket);
    const container = await engine.inspect(name, signal);
    const standing = container ? containerStanding(container) : undefined;
    if (!standing) return "it does not run";
    return standing.state === "up" ? undefined : standing.why;
  };
  const orWhy = (signal: AbortSignal) =>
    ask(signal).catch((error) => {
      if (signal.aborted || !(error instanceof Fault)) throw error;
      return sentence(error);
    });
  return {
    title: `docker ${name}`,
    probe: (signal) => attempt(orWhy, timeoutMs, clock, signal),
  };
}
