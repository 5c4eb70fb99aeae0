import type { Command } from "commander";
import type { Section } from "../../lib/status/paths.ts";
import type { CommandContext } from "./context.ts";
import { withConfig } from "./options.ts";

/** `run`, `presence` and `watch`. */
export function runCommands(commands: Command, context: CommandContext): void {
  const agents = (name: string, section: Section) =>
    withConfig(commands.command(name)).action(async ({ config, once }) => {
      const { run } = await import("../commands/run.ts");
      const options = { files: config, section, once: once === true };
      await run(options, context.world, context.signal);
    });
  agents("run", "any").description("run the agents that the configuration has sections for");
  agents("presence", "presence").description("check local instances and register the healthy ones");
  agents("watch", "watch")
    .description("follow the keyspace, render files and reload proxies")
    .option("--once", "render, check, install and apply once, then exit");
}
