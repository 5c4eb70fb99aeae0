import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import { atRevision, withConfig } from "./options.ts";

/** `check`, `render` and `schema`. */
export function writeCommands(commands: Command, context: CommandContext): void {
  checkCommand(commands, context);
  renderCommand(commands, context);
  schemaCommand(commands, context);
}

function checkCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withConfig(commands.command("check"))
    .summary("validate configuration and templates")
    .description("validate configuration and templates on this machine; print every problem")
    .option("--fixture <file>", "also render from the keys and values of a file")
    .option("--live", "also render from the keyspace and run check commands")
    .option("--no-machine", "leave out programs and folders; run no check commands")
    .option("--json", "print all problems and warnings as JSON")
    .action(async ({ config, fixture, live, machine, json }) => {
      const { check } = await import("../commands/check.ts");
      const flags = { live: live === true, machine: machine === true, json: json === true };
      exitWith(await check({ files: config, fixture, ...flags }, world, signal));
    });
}

function renderCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withConfig(commands.command("render"))
    .description("render templates to standard output; write no file")
    .option("--template <name>", "only this template, by the name of its source or target")
    .option("--fixture <file>", "read keys and values from a file instead of the keyspace")
    .addOption(atRevision().conflicts("fixture"))
    .option("--diff", "print the difference from the target instead; exit 1 if there is any")
    .option("--json", "print a list of targets with their texts, or differences, as JSON")
    .action(async ({ config, ...options }) => {
      const { render } = await import("../commands/render.ts");
      exitWith(await render({ files: config, ...options }, world, signal));
    });
}

function schemaCommand(commands: Command, { world }: CommandContext): void {
  commands
    .command("schema")
    .description("print the JSON Schema of the configuration, for editors")
    .option("--json", "as without: a schema is JSON")
    .action(async () => {
      const { schema } = await import("../commands/schema.ts");
      schema(world);
    });
}
