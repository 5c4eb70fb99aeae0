import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import { withConfig } from "./options.ts";

/** `check`, `render` and `schema`. */
export function writeCommands(commands: Command, context: CommandContext): void {
  checkCommand(commands, context);
  renderCommand(commands, context);
  schemaCommand(commands, context);
}

function checkCommand(commands: Command, { world, signal }: CommandContext): void {
  withConfig(commands.command("check"))
    .summary("validate configuration and templates")
    .description("validate configuration and templates on this machine; print every problem")
    .option("--fixture <file>", "also render from the keys and values of a file")
    .option("--live", "also render from the keyspace and run check commands")
    .option("--no-machine", "leave out programs and folders; run no check commands")
    .action(async ({ config, fixture, live, machine }) => {
      const { check } = await import("../commands/check.ts");
      const options = { files: config, fixture, live: live === true, machine: machine === true };
      await check(options, world, signal);
    });
}

function renderCommand(commands: Command, { world, signal }: CommandContext): void {
  withConfig(commands.command("render"))
    .description("render templates to standard output; write no file")
    .option("--template <name>", "only this template, by the name of its source or target")
    .option("--fixture <file>", "read keys and values from a file instead of the keyspace")
    .option("--diff", "print the difference from the target instead of the result")
    .action(async ({ config, ...options }) => {
      const { render } = await import("../commands/render.ts");
      await render({ files: config, ...options }, world, signal);
    });
}

function schemaCommand(commands: Command, { world }: CommandContext): void {
  commands
    .command("schema")
    .description("print the JSON Schema of the configuration, for editors")
    .action(async () => {
      const { schema } = await import("../commands/schema.ts");
      schema(world);
    });
}
