import { access } from "node:fs/promises";
import type { ParsedFlags } from "../../lib/config/compat/go-flags.ts";
import { readRegistrator } from "../../lib/config/compat/registrator/load.ts";
import type { World } from "../world.ts";

/** The sockets of the engine, the one of registrator's image first. */
const sockets = ["/tmp/docker.sock", "/var/run/docker.sock"];

/** What a command line of registrator asks for, or the problems in it. */
export async function readRegistratorFlags(
  flags: ParsedFlags,
  { env, hostName }: World,
): Promise<ReturnType<typeof readRegistrator>> {
  const dockerHost = env.DOCKER_HOST || (await existingSocket());
  return readRegistrator(flags, { dockerHost, hostName });
}

/** Undefined if there is none: the first one is tried again and again then. */
async function existingSocket(): Promise<string | undefined> {
  for (const socket of sockets) {
    const exists = await access(socket).then(
      () => true,
      () => false,
    );
    if (exists) return `unix://${socket}`;
  }
  return undefined;
}
