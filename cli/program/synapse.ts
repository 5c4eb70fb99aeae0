import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `synapse`, with the options of Synapse. */
export function synapseCommand(commands: Command, { world, signal }: CommandContext): void {
  commands
    .command("synapse")
    .description("run with a configuration of Synapse")
    .requiredOption("-c, --config <file>", "configuration of Synapse: synapse.conf.json")
    .action(async ({ config }) => {
      const { synapse } = await import("../commands/synapse.ts");
      await synapse(config, world, signal);
    });
}
