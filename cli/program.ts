import { Command, CommanderError, Option } from "commander";
import { splitProgram } from "./program/before-program.ts";
import { demoCommands } from "./program/demo.ts";
import { overviewHelp } from "./program/help.ts";
import { lookCommands } from "./program/look.ts";
import { foreignCommand, moveInCommands } from "./program/move-in.ts";
import { operateCommands } from "./program/operate.ts";
import { runCommands } from "./program/run.ts";
import { writeCommands } from "./program/write.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** A parser with every command. */
export interface Program {
  readonly commands: Command;
  /** The exit code of the command that ran; 0 before. */
  readonly exitCode: () => number;
}

/** Parses the command line and runs the command. Returns the exit code; throws the fault of the command. */
export async function program(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const foreign = foreignCommand(args[0]);
  if (foreign) return await foreign.run(args.slice(1), world, signal);
  const { own, program } = splitProgram(args);
  const { commands, exitCode } = createProgram(world, signal, program);
  try {
    await commands.parseAsync(own, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode();
}

/**
 * The commands with their options and descriptions. An action imports the code of its command: `sidekick status` runs
 * every few seconds as a health check, and must not load the agents.
 */
export function createProgram(
  world: World,
  signal: AbortSignal,
  program?: readonly string[],
): Program {
  let code = 0;
  const exitWith = (value: number) => {
    code = value;
  };
  const commands = new Command("sidekick")
    .description("Registers healthy instances and keeps proxies pointed at them.")
    .usage("<command> [options]")
    .version(version(world.shipped), "-V, --version", "print the version")
    // Its readers have found it already, and the overview has to fit a screen.
    .addHelpOption(new Option("-h, --help", "print help").hideHelp())
    .showHelpAfterError("(sidekick --help lists the commands)")
    .configureOutput({ writeOut: world.out.write, writeErr: world.err.write })
    .exitOverride();

  const context = { world, signal, exitWith, ...(program && { program }) };
  runCommands(commands.commandsGroup("Run:"), context);
  lookCommands(commands.commandsGroup("Look:"), context);
  operateCommands(commands.commandsGroup("Operate:"), context);
  writeCommands(commands.commandsGroup("Write:"), context);
  moveInCommands(commands.commandsGroup("Move in:"), context);
  demoCommands(commands.commandsGroup("Try:"), context);
  // Last, since commands inherit the help format that is configured when they are added.
  commands.configureHelp(overviewHelp);
  return { commands, exitCode: () => code };
}
