import { type Command, InvalidArgumentError, Option } from "commander";
import { formatDuration } from "../../lib/base/duration.ts";
import { longestPinMs } from "../../lib/base/longest-pin.ts";
import type { CommandContext } from "./context.ts";
import { asCount, asMs, withAgent } from "./options.ts";
import { waitCommand } from "./wait.ts";

/** `drain`, `undrain`, `weight`, `wait`, `pin`, `unpin`, `retry` and `reload`. */
export function operateCommands(commands: Command, context: CommandContext): void {
  drainCommand(commands, context);
  undrainCommand(commands, context);
  weightCommand(commands, context);
  waitCommand(commands, context);
  pinCommand(commands, context);
  unpinCommand(commands, context);
  retryCommand(commands, context);
  reloadCommand(commands, context);
}

function drainCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const duration = new Option(
    "--for <duration>",
    "how long they take no new requests before they are deregistered",
  );
  const limit = new Option(
    "--timeout <duration>",
    "how long to wait until they are deregistered (default: --for and 10s)",
  );
  withAgent(commands.command("drain"))
    .summary(drainSummary)
    .description("drain and deregister instances of a running agent, until they are undrained")
    .argument("[instances...]", "service/id of each")
    .option("--all", "drain all instances of the agent")
    .addOption(duration.argParser(asMs).default(10_000, "10s"))
    .option("--wait", "deregister them once every watcher has acknowledged; --for is the limit")
    .addOption(limit.argParser(asMs))
    .option("--json", "print the result as JSON")
    .action(async (names, { config = [], socket, all, for: forMs, wait, timeout, json }) => {
      const { drain } = await import("../commands/drain.ts");
      const flags = { all: all === true, wait: wait === true, json: json === true };
      const times = { forMs, timeoutMs: timeout };
      exitWith(await drain({ names, ...times, ...flags, socket, files: config }, world, signal));
    });
}

function undrainCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("undrain"))
    .summary(drainSummary)
    .description("register drained instances of a running agent again, if they are healthy")
    .argument("[instances...]", "service/id of each")
    .option("--all", "undrain all drained instances of the agent")
    .addOption(timeout("how long to wait until they are registered", 10_000, "10s"))
    .option("--json", "print the result as JSON")
    .action(async (names, { config = [], socket, all, timeout: timeoutMs, json }) => {
      const { undrain } = await import("../commands/undrain.ts");
      const flags = { all: all === true, json: json === true };
      await undrain({ names, timeoutMs, ...flags, socket, files: config }, world, signal);
    });
}

function weightCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("weight"))
    .description("set the weight of an instance of a running agent")
    .argument("<instance>", "service/id")
    .argument("<weight>", "0 to 256, or default for its own one", asWeight)
    .addOption(timeout("how long to wait until the keyspace has it", 10_000, "10s"))
    .option("--json", "print the result as JSON")
    .action(async (name, weight, { config = [], socket, timeout: timeoutMs, json }) => {
      const { weight: setWeight } = await import("../commands/weight.ts");
      const request = { name, weight: weight === "default" ? undefined : weight };
      const options = { ...request, timeoutMs, json: json === true, socket, files: config };
      await setWeight(options, world, signal);
    });
}

const longestPin = formatDuration(longestPinMs);

const drainSummary = "drain and deregister instances; register them again";

const pinSummary = "keep the files of an earlier generation for a while";

function pinCommand(commands: Command, { world, signal }: CommandContext): void {
  const duration = new Option(
    "--for <duration>",
    `when the pin ends by itself, ${longestPin} at the most`,
  );
  withAgent(commands.command("pin"))
    .summary(pinSummary)
    .description(
      "have a running watcher apply the files of a generation in sidekick history, and keep them whatever the keyspace has",
    )
    .argument("<generation>", "number of the generation", asCount)
    .requiredOption("--reason <text>", "why, for sidekick status and the log")
    .addOption(duration.argParser(asPinMs).default(3_600_000, "1h"))
    .addOption(timeout("how long to wait until the files are verified", 60_000, "60s"))
    .option("--json", "print the result as JSON")
    .action(async (n, { config = [], socket, for: forMs, reason, timeout: timeoutMs, json }) => {
      const { pin } = await import("../commands/pin.ts");
      const request = { n, forMs, reason, timeoutMs, json: json === true };
      await pin({ ...request, socket, files: config }, world, signal);
    });
}

function unpinCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("unpin"))
    .summary(pinSummary)
    .description("have a running watcher make pinned files from the keyspace again")
    .argument("[target]", "only this file, by its path or name")
    .addOption(timeout("how long to wait for the answer", 10_000, "10s"))
    .option("--json", "print the result as JSON")
    .action(async (target, { config = [], socket, timeout: timeoutMs, json }) => {
      const { unpin } = await import("../commands/unpin.ts");
      const options = { target, timeoutMs, json: json === true };
      await unpin({ ...options, socket, files: config }, world, signal);
    });
}

function asPinMs(text: string): number {
  const ms = asMs(text);
  if (ms > 0 && ms <= longestPinMs) return ms;
  throw new InvalidArgumentError(
    `expected a duration above 0s and up to ${longestPin}, such as 2h.`,
  );
}

const againSummary = "apply every file again; reload the configuration";

function retryCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withAgent(commands.command("retry"))
    .summary(againSummary)
    .description("apply every file of a running agent again at once; exit 1 if any fails")
    .addOption(timeout("how long to wait for the results", 60_000, "60s"))
    .option("--json", "print the result as JSON")
    .action(async ({ config = [], socket, timeout: timeoutMs, json }) => {
      const { retry } = await import("../commands/retry.ts");
      const options = { timeoutMs, json: json === true, socket, files: config };
      exitWith(await retry(options, world, signal));
    });
}

function reloadCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("reload"))
    .summary(againSummary)
    .description(
      "have a running agent read its configuration again; exit 2 if that is not valid, and nothing has changed",
    )
    .addOption(timeout("how long to wait for the answer", 60_000, "60s"))
    .option("--json", "print the result as JSON")
    .action(async ({ config = [], socket, timeout: timeoutMs, json }) => {
      const { reload } = await import("../commands/reload.ts");
      await reload({ timeoutMs, json: json === true, socket, files: config }, world, signal);
    });
}

function timeout(description: string, ms: number, text: string): Option {
  return new Option("--timeout <duration>", description).argParser(asMs).default(ms, text);
}

/** Parses the weight of an argument. */
function asWeight(text: string): number | "default" {
  if (text === "default") return text;
  if (/^\d{1,3}$/.test(text) && Number(text) <= 256) return Number(text);
  throw new InvalidArgumentError("expected 0 to 256, or default");
}
