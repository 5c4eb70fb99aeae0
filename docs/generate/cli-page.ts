import type { Argument, Command, Help, Option } from "commander";
import { createProgram } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { examples } from "./cli-examples.ts";
import { documentedWorld } from "./documented-world.ts";
import type { Example } from "./example.ts";
import { markdownTable } from "./markdown.ts";

/** The program of the command line, to be described and not to be run. */
export function documentedProgram(root: string): Command {
  return createProgram(documentedWorld(root), never).commands;
}

/**
 * Every visible command, for `docs/cli.md`: a table of all, then for each its usage, description, arguments,
 * options, help text and examples. Commands are in the groups and the order of `sidekick --help`.
 */
export function commandReference(program: Command): string {
  const help = program.createHelp();
  const visible = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const groups = help.groupItems(
    [...program.commands],
    visible,
    (command) => command.helpGroup() || "Commands:",
  );
  const overview = visible.map((command) => [
    `[\`${command.name()}\`](#sidekick-${command.name()})`,
    help.subcommandDescription(command),
  ]);
  return [
    markdownTable(["command", "description"], overview),
    "## Options of every command",
    optionTable(help, help.visibleOptions(program)),
    ...[...groups].flatMap(([title, commands]) => [
      `## ${title.replace(/:$/, "")}`,
      ...commands.flatMap((command) => section(help, command)),
    ]),
  ].join("\n\n");
}

function section(help: Help, command: Command): readonly string[] {
  const options = help.visibleOptions(command).filter(({ long }) => long !== "--help");
  return [
    `### sidekick ${command.name()}`,
    sentenceOf(help.commandDescription(command)),
    fenced(help.commandUsage(command)),
    ...argumentsTable(help.visibleArguments(command)),
    ...(options.length > 0 ? [optionTable(help, options)] : []),
    ...helpText(command),
    ...(examples[command.name()] ?? []).map(exampleText),
  ];
}

function optionTable(help: Help, options: readonly Option[]): string {
  const rows = options.map((option) => [
    `\`${help.optionTerm(option)}\``,
    option.mandatory ? "required" : defaultOf(option),
    [option.description, ...choicesOf(option)].join(": "),
  ]);
  return markdownTable(["option", "default", "description"], rows);
}

/** The default as it would be typed: `10s`, not milliseconds. A flag has none. */
function defaultOf({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValue === undefined) return "";
  return `\`${defaultValueDescription ?? String(defaultValue)}\``;
}

function choicesOf({ argChoices }: Option): readonly string[] {
  return argChoices ? [argChoices.map((choice) => `\`${choice}\``).join(", ")] : [];
}

/** Arguments without a description are named by the usage line alone. */
function argumentsTable(all: readonly Argument[]): readonly string[] {
  const rows = all.map((argument) => [`\`${argument.name()}\``, argument.description]);
  return rows.length > 0 ? [markdownTable(["argument", "description"], rows)] : [];
}

/** The text that `--help` prints after the options, if there is any. */
function helpText(command: Command): readonly string[] {
  let printed = "";
  command.configureOutput({
    writeOut: (text) => {
      printed += text;
    },
  });
  command.outputHelp();
  const text = printed.slice(command.helpInformation().length).trim();
  if (text === "") return [];
  return [text.includes("\n") ? fenced(text) : text];
}

function exampleText({ line, purpose }: Example): string {
  return `${purpose}\n\n${fenced(line, "sh")}`;
}

function fenced(text: string, language = "text"): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function sentenceOf(description: string): string {
  const text = description.charAt(0).toUpperCase() + description.slice(1);
  return text.endsWith(".") ? text : `${text}.`;
}
