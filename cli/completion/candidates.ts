import { type Argument, type Command, Help, type Option } from "commander";

/** A word that may follow, and what it means; empty if there is nothing to say of it. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What only a running agent knows. */
export type LiveValue = "instances" | "targets" | "generations" | "sockets";

/** What may stand at the place of the last word. */
export type Candidates =
  | { readonly kind: "words"; readonly words: readonly Candidate[] }
  | { readonly kind: "files" }
  | {
      readonly kind: "live";
      readonly value: LiveValue;
      /** The options of the command that select the agent. */
      readonly agent: { readonly files: readonly string[]; readonly socket: string | undefined };
    };

const nothing: Candidates = { kind: "words", words: [] };

const liveArguments: Readonly<Record<string, LiveValue>> = {
  instance: "instances",
  instances: "instances",
  target: "targets",
  generation: "generations",
  n: "generations",
  other: "generations",
};

/** What may follow the words of a command line after `sidekick`, the last of which is incomplete and may be empty. */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const complete = words.slice(0, -1);
  const word = words.at(-1) ?? "";
  const at = complete.findIndex((one) => !one.startsWith("-"));
  if (at < 0) {
    return word.startsWith("-")
      ? optionsOf(program)
      : { kind: "words", words: commandsOf(program) };
  }
  const command = program.commands.find((one) => one.name() === complete[at]);
  if (!command) return nothing;
  const given = complete.slice(at + 1);
  if (given.includes("--")) return { kind: "files" };
  const { positional, pending } = readWords(command, given);
  const agent = agentIn(given);
  if (pending) return valuesOf(pending, agent);
  if (word.startsWith("-")) return optionsOf(command);
  return argumentAt(command, positional, agent);
}

/** How many words are arguments, and the option whose value is the next word. */
function readWords(command: Command, given: readonly string[]) {
  const before = (i: number) => optionNamed(command, given[i - 1] ?? "");
  const valueOf = (i: number) => [before(i)].find((option) => option && takesValue(option));
  const isArgument = (word: string, i: number) => !word.startsWith("-") && !valueOf(i);
  return { positional: given.filter(isArgument).length, pending: valueOf(given.length) };
}

function optionNamed(command: Command, word: string): Option | undefined {
  return command.options.find(({ short, long }) => word === short || word === long);
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional;
}

function agentIn(given: readonly string[]) {
  const after = (names: readonly string[]) =>
    given.flatMap((word, i) => (names.includes(given[i - 1] ?? "") ? [word] : []));
  return { files: after(["-c", "--config"]), socket: after(["--socket"]).at(-1) };
}

function valuesOf(option: Option, agent: ReturnType<typeof agentIn>): Candidates {
  if (option.argChoices) return choices(option.argChoices);
  if (option.long === "--socket") return { kind: "live", value: "sockets", agent };
  return /<(file|path)/.test(option.flags) ? { kind: "files" } : nothing;
}

function argumentAt(
  command: Command,
  position: number,
  agent: ReturnType<typeof agentIn>,
): Candidates {
  const declared = command.registeredArguments;
  const last = declared.at(-1);
  const argument: Argument | undefined = declared[position] ?? (last?.variadic ? last : undefined);
  if (!argument) return nothing;
  if (argument.argChoices) return choices(argument.argChoices);
  const value = liveArguments[argument.name()];
  if (value) return { kind: "live", value, agent };
  return /file|options/.test(argument.name()) ? { kind: "files" } : nothing;
}

function choices(words: readonly string[]): Candidates {
  return { kind: "words", words: words.map((word) => ({ word, description: "" })) };
}

function commandsOf(program: Command): readonly Candidate[] {
  const help = new Help();
  return help.visibleCommands(program).map((command) => ({
    word: command.name(),
    description: help.subcommandDescription(command),
  }));
}

function optionsOf(command: Command): Candidates {
  const words = new Help().visibleOptions(command).map(({ long, short, description }) => ({
    word: long ?? short ?? "",
    description,
  }));
  return { kind: "words", words };
}
