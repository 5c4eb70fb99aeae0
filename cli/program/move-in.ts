import { basename } from "node:path";
import type { Command } from "commander";
import type { World } from "../world.ts";
import type { CommandContext } from "./context.ts";

/** A program whose place sidekick takes: with its name, its command line, and its exit codes. */
interface Substitute {
  readonly description: string;
  readonly run: (args: readonly string[], world: World, signal: AbortSignal) => Promise<number>;
}

/** By name: `sidekick NAME …`, and a link with that name, are the program. Its arguments are parsed as it parses them. */
const substitutes: Readonly<Record<string, Substitute>> = {
  confd: {
    description: "run with the options and files of confd",
    run: async (args, world, signal) => {
      const { confd } = await import("../commands/confd.ts");
      return await confd(args, world, signal);
    },
  },
  synapse: {
    description: "run with a configuration of Synapse",
    run: async (args, world, signal) => {
      const { synapse } = await import("../commands/synapse.ts");
      return await synapse(args, world, signal);
    },
  },
  nerve: {
    description: "run with the options and files of Nerve",
    run: async (args, world, signal) => {
      const { nerve } = await import("../commands/nerve.ts");
      return await nerve(args, world, signal);
    },
  },
  registrator: {
    description: "run with the options of registrator",
    run: async (args, world, signal) => {
      const { registrator } = await import("../commands/registrator.ts");
      return await registrator(args, world, signal);
    },
  },
};

const convert: Substitute = {
  description: "print their configuration as sidekick's own",
  run: async (args, world, signal) => {
    const { convert } = await import("../commands/convert.ts");
    return await convert(args, world, signal);
  },
};

/** The program that the first argument names. */
function substituteFor(name: string | undefined): Substitute | undefined {
  return name !== undefined && Object.hasOwn(substitutes, name) ? substitutes[name] : undefined;
}

/** The command that the first argument names, if it parses its own arguments: as another program does. */
export function foreignCommand(name: string | undefined): Substitute | undefined {
  return name === "convert" ? convert : substituteFor(name);
}

/** The arguments of a process that was started as `path`: a link that has the name of a program stands for its command. */
export function argumentsOf(path: string, args: readonly string[]): readonly string[] {
  const name = basename(path);
  return substituteFor(name) ? [name, ...args] : args;
}

/** Lists the programs in the help. Their arguments never get to the parser of the other commands. */
export function moveInCommands(
  commands: Command,
  { world, signal, exitWith }: CommandContext,
): void {
  const add = (
    name: string,
    { description, run }: Substitute,
    options: string,
    summary = description,
  ) =>
    commands
      .command(name)
      .summary(summary)
      .description(description)
      .argument("[options...]", options)
      .allowUnknownOption()
      .action(async (args: readonly string[]) => exitWith(await run(args, world, signal)));
  const shared = "run with its options and files";
  for (const [name, substitute] of Object.entries(substitutes)) {
    add(name, substitute, `the options of ${name}; -help lists them`, shared);
  }
  add("convert", convert, "the name of a program and its options; --help lists further ones");
}
