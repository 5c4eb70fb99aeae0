import { type Command, Option } from "commander";
import type { Section } from "../../lib/status/paths.ts";
import type { CommandContext } from "./context.ts";
import { asMs, filesOf, withFiles } from "./options.ts";

/** `run`, `presence` and `watch`. */
export function runCommands(commands: Command, context: CommandContext): void {
  const agents = (name: string, section: Section) => {
    const command = withFiles(commands.command(name)).option(
      "--watch-config",
      "reload the configuration whenever its files change, as SIGHUP does",
    );
    return command.action(async ({ config: named, once, timeout, watchConfig }) => {
      const config = await filesOf(named, command, context.world);
      const { run } = await import("../commands/run.ts");
      const options = { files: config, section, onceMs: once ? timeout : undefined, watchConfig };
      await run(options, context.world, context.signal);
    });
  };
  agents("run", "any").description("run the agents that the configuration has sections for");
  agents("presence", "presence").description("check local instances and register the healthy ones");
  agents("watch", "watch")
    .description("follow the keyspace, render files and reload proxies")
    .option("--once", "render, check, install and apply once, then exit")
    .addOption(
      new Option("--timeout <duration>", "with --once: how long to wait for keyspace and proxies")
        .argParser(asMs)
        .default(60_000, "60s"),
    );
}
