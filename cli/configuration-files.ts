import { access } from "node:fs/promises";
import { ifSystem } from "../lib/base/fault.ts";
import type { World } from "./world.ts";

/** The file that is used where none is named. */
export const defaultFile = "/etc/sidekick/sidekick.yaml";

/**
 * The files of the configuration where none is named: the default one if it is there; none if the environment is the
 * configuration; undefined without either.
 */
export async function defaultFiles(world: World): Promise<readonly string[] | undefined> {
  const isThere = await access(defaultFile).then(() => true, ifSystem);
  if (isThere) return [defaultFile];
  // Imported on use: the parser of the command line loads nothing of the configuration.
  const { isConfiguredByEnvironment } = await import("../lib/config/of-environment.ts");
  return isConfiguredByEnvironment(world.env) ? [] : undefined;
}
