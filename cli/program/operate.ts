import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { asMs, withAgent } from "./options.ts";

/** `drain`. */
export function operateCommands(
  commands: Command,
  { world, signal, exitWith }: CommandContext,
): void {
  const duration = new Option(
    "--for <duration>",
    "how long they take no new requests before they are deregistered",
  );
  withAgent(commands.command("drain"))
    .description("drain and deregister instances of a running agent")
    .argument("[instances...]", "service/id of each (default: all instances of the agent)")
    .addOption(duration.argParser(asMs).default(10_000, "10s"))
    .option("--wait", "deregister them once every watcher has acknowledged; --for is the limit")
    .action(async (names, { config = [], socket, for: forMs, wait }) => {
      const { drain } = await import("../commands/drain.ts");
      const options = { names, forMs, wait: wait === true, socket, files: config };
      exitWith(await drain(options, world, signal));
    });
}
