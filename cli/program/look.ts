import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { withAccess, withAgent } from "./options.ts";

/** `status`, `ls` and `get`. */
export function lookCommands(commands: Command, context: CommandContext): void {
  statusCommand(commands, context);
  lsCommand(commands, context);
  getCommand(commands, context);
}

function statusCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withAgent(commands.command("status"))
    .summary("print the status of a running agent")
    .description(
      "print the status of a running agent; exit 0 if all is as it should be, 3 if it is degraded, 1 if it is unhealthy or does not answer",
    )
    .addOption(
      new Option(
        "--healthy",
        "exit 0 if the process works, 1 if a restart would help: for health checks",
      ).conflicts("ready"),
    )
    .option(
      "--ready",
      "exit 0 if it has registered what is healthy and its proxy serves a verified configuration, else 1",
    )
    .option("--json", "print the status as JSON")
    .action(async ({ config = [], socket, json, healthy, ready }) => {
      const { status } = await import("../commands/status.ts");
      const question = healthy ? "healthy" : ready ? "ready" : "degraded";
      const options = { socket, files: config, json: json === true, question } as const;
      exitWith(await status(options, world, signal));
    });
}

function lsCommand(commands: Command, { world, signal }: CommandContext): void {
  withAccess(commands.command("ls"))
    .description("list the keys of a keyspace")
    .argument("<url>", "URL of the keyspace")
    .argument(
      "[prefix]",
      "folder to list, without a slash also keys without one (default: all keys)",
    )
    .option("-l, --long", "print the values, too")
    .action(async (url, prefix, { long, ...access }) => {
      const { ls } = await import("../commands/inspect.ts");
      await ls({ url, prefix, long, access }, world, signal);
    });
}

function getCommand(commands: Command, { world, signal }: CommandContext): void {
  withAccess(commands.command("get"))
    .description("print the value of a key")
    .argument("<url>", "URL of the keyspace")
    .argument("<key>", "key, such as /services/web/10.10.2.3:8810")
    .action(async (url, key, access) => {
      const { get } = await import("../commands/inspect.ts");
      await get({ url, key, access }, world, signal);
    });
}
