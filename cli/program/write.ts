import { Argument, type Command, Option } from "commander";
import { shells } from "../completion/shells.ts";
import type { CommandContext } from "./context.ts";
import { append, atRevision, filesOf, withConfig, withFiles } from "./options.ts";

/** `check`, `render`, `simulate`, `schema`, `access` and `completion`. */
export function writeCommands(commands: Command, context: CommandContext): void {
  checkCommand(commands, context);
  renderCommand(commands, context);
  simulateCommand(commands, context);
  schemaCommand(commands, context);
  accessCommand(commands, context);
  completionCommand(commands, context);
}

function checkCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const command = withFiles(commands.command("check"));
  command
    .summary("validate configuration and templates")
    .description("validate configuration and templates on this machine; print every problem")
    .option("--fixture <file>", "also render from the keys and values of a file")
    .option("--live", "also render from the keyspace and run check commands")
    .option("--no-machine", "leave out programs and folders; run no check commands")
    .option("--json", "print all problems and warnings as JSON")
    .action(async ({ config: named, fixture, live, machine, json }) => {
      const files = await filesOf(named, command, world);
      const { check } = await import("../commands/check.ts");
      const flags = { live: live === true, machine: machine === true, json: json === true };
      exitWith(await check({ files, fixture, ...flags }, world, signal));
    });
}

/** Of the commands that render once, which share a line of the overview. */
const renderSummary = "print what templates give, or would after a change";

function renderCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withConfig(commands.command("render"))
    .summary(renderSummary)
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

function simulateCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const command = withConfig(commands.command("simulate"))
    .summary(renderSummary)
    .description(
      "print what a watcher would do if the keyspace had other entries, and change nothing; exit 0 if it would be accepted, 3 if something would be retained or quarantined, 1 if it would be refused",
    )
    .addOption(
      new Option("--without <key>", "without this entry; may be repeated").argParser(append),
    )
    .addOption(
      new Option("--with <key=value>", "with this value of a key; may be repeated").argParser(
        append,
      ),
    )
    .option("--fixture <file>", "read keys and values from a file instead of the keyspace")
    .addOption(atRevision().conflicts("fixture"))
    .option("--json", "print the simulation as JSON");
  command.action(async ({ config, without = [], with: values = [], json, ...from }) => {
    const put = new Map<string, string>();
    for (const text of values) {
      const at = text.indexOf("=");
      if (at < 1) return command.error(`error: --with ${text}: expected a key, = and its value`);
      put.set(text.slice(0, at), text.slice(at + 1));
    }
    if (without.length + put.size === 0) {
      return command.error("error: missing what to simulate: --without KEY or --with KEY=VALUE");
    }
    const { simulate } = await import("../commands/simulate.ts");
    const asked = { without, with: put };
    exitWith(await simulate({ files: config, asked, json: json === true, ...from }, world, signal));
  });
}

/** Of the commands that print texts for other programs, which share a line of the overview. */
const printSummary = "print what editors, stores and shells read";

function schemaCommand(commands: Command, { world }: CommandContext): void {
  commands
    .command("schema")
    .summary(printSummary)
    .description("print the JSON Schema of the configuration, for editors")
    .option("--json", "as without: a schema is JSON")
    .action(async () => {
      const { schema } = await import("../commands/schema.ts");
      schema(world);
    });
}

function accessCommand(commands: Command, { world }: CommandContext): void {
  const command = commands
    .command("access")
    .summary(printSummary)
    .description(
      "print the shell commands that give an agent, or a watcher, the rights in a store that it needs and no others; nothing is changed",
    )
    .addArgument(new Argument("<store>", "the kind of store").choices(["etcd", "zookeeper"]))
    .requiredOption("--user <name>", "the user of the store that the agent logs in as")
    .addOption(
      new Option("--service <name>", "a service of the agent; may be repeated").argParser(append),
    )
    .option("--watcher", "for a watcher, which reads the services: all of them by default")
    .option("--prefix <folder>", "the folder of the services", "/services")
    .option("--password-file <file>", "the file with the user's password: <user>.password")
    .option("--json", "print the folders and rights as JSON");
  command.action(async (store, { service: services = [], watcher, json, ...rest }) => {
    const { access } = await import("../commands/access.ts");
    const flags = { watcher: watcher === true, json: json === true };
    const problem = access({ store, services, ...flags, ...rest }, world);
    if (problem !== undefined) command.error(`error: ${problem}`);
  });
}

function completionCommand(commands: Command, { world, signal }: CommandContext): void {
  commands
    .command("completion")
    .summary(printSummary)
    .description("print the completion of commands, options and live values for a shell")
    .addArgument(new Argument("<shell>", "shell to print the script for").choices(shells))
    .addArgument(new Argument("[words...]", "words of a command line, with --candidates"))
    .addOption(new Option("--candidates", "print what may follow these words, as the script asks"))
    .action(async (shell, words, { candidates: isAsked }) => {
      const { candidates, completion } = await import("../commands/completion.ts");
      if (isAsked) await candidates(commands, words, world, signal);
      else completion(shell, world);
    });
}
