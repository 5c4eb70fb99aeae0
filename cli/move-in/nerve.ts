import { loadNerve, type Nerve } from "../../lib/config/compat/nerve/load.ts";
import { parsedOptions } from "../in-place-of.ts";
import type { World } from "../world.ts";

const options = {
  config: { type: "string", short: "c" },
  instance_id: { type: "string", short: "i" },
  "instance-id": { type: "string" },
  "check-config": { type: "boolean", short: "k" },
  help: { type: "boolean", short: "h" },
} as const;

/** A command line of Nerve, completed by its environment. */
export interface NerveCommandLine {
  readonly help: boolean;
  /** Undefined if none is named. */
  readonly file: string | undefined;
  readonly instanceId: string | undefined;
  readonly onlyChecks: boolean;
}

/** The problem as a sentence. */
export function parseNerve(
  args: readonly string[],
  { env }: Pick<World, "env">,
): NerveCommandLine | string {
  const given = parsedOptions(args, options);
  if (typeof given === "string") return given;
  return {
    help: given.help === true,
    file: given.config ?? (env.NERVE_CONFIG || undefined),
    instanceId: given.instance_id ?? given["instance-id"] ?? env.NERVE_INSTANCE_ID,
    onlyChecks: given["check-config"] === true || Boolean(env.NERVE_CHECK_CONFIG),
  };
}

export const noNerveFile = "a configuration is missing: expected -c FILE, or NERVE_CONFIG";

/** Throws CONFIG_INVALID and CONFIG_UNREADABLE. */
export async function readNerve(
  file: string,
  { instanceId }: Pick<NerveCommandLine, "instanceId">,
  { env }: Pick<World, "env">,
): Promise<Nerve> {
  return await loadNerve(file, { log: env.DEBUG ? "debug" : "info", instanceId });
}
