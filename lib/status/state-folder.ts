import { join } from "node:path";
import type { World } from "../../cli/world.ts";
import { agentName, type Section } from "./paths.ts";

/**
 * The file in which an agent keeps what it knows of the keyspace, unless its configuration says otherwise; undefined
 * where there is no folder that is ours alone: what others could write there would be served.
 */
export function lastGoodPath(
  files: readonly string[],
  section: Section,
  world: Pick<World, "env" | "uid">,
): string | undefined {
  const folder = stateFolder(world);
  return folder && join(folder, `${agentName(files, section)}.last-good`);
}

function stateFolder({ env, uid }: Pick<World, "env" | "uid">): string | undefined {
  // What systemd made for a unit with StateDirectory=; several are separated by colons.
  const [given] = (env.STATE_DIRECTORY ?? "").split(":");
  if (given) return given;
  if (uid === 0) return "/var/lib/sidekick";
  if (env.XDG_STATE_HOME) return join(env.XDG_STATE_HOME, "sidekick");
  return env.HOME ? join(env.HOME, ".local", "state", "sidekick") : undefined;
}
