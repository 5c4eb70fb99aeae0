import { type Command, Option } from "commander";
import { defaultFiles } from "../configuration-files.ts";
import type { CommandContext } from "./context.ts";
import { asMs, keyspaceUrls, withAgent } from "./options.ts";

/** `wait`, which asks a keyspace, or with `--served` a running agent. */
export function waitCommand(commands: Command, context: CommandContext): void {
  const enough = new Option(
    "--min <number>",
    "how many instances a service needs, such as 2 or 50% of those with entries (default: 1); with --served, the share of the watchers (default: 100%)",
  );
  const limit = new Option(
    "--timeout <duration>",
    "how long to wait, with --served also for the start of the agent (default: 60s; 30s with --served)",
  );
  const command = withAgent(commands.command("wait"))
    .summary("wait until a service is there, or instances are served")
    .description(
      "wait until services of a keyspace have instances that take requests, and run a program then; or, with --served, until the proxies of all watchers were verified to send requests to instances of a running agent",
    )
    .usage(
      "[options] <service...> [-- <program> [arguments...]]\n       sidekick wait --served [options] <service/id...>",
    )
    .argument("[names...]", "services; with --served, service/id of each instance")
    .option("--keyspace <url>", "URL of the keyspace (default: that of -c, or SIDEKICK_KEYSPACE)")
    .option("--served", "wait for instances of a running agent until they are served")
    .option("--all", "with --served: wait for all instances of the agent")
    .addOption(enough)
    .addOption(limit.argParser(asMs))
    .option("--json", "with --served: print the result as JSON");
  command.action(async (names, flags) => {
    if (flags.served) await waitServed(names, flags, command, context);
    else await waitForThem(names, flags, command, context);
  });
}

interface WaitFlags {
  readonly config?: readonly string[];
  readonly socket?: string;
  readonly keyspace?: string;
  readonly served?: true;
  readonly all?: true;
  readonly min?: string;
  readonly timeout?: number;
  readonly json?: true;
}

async function waitServed(
  names: readonly string[],
  { config: files = [], socket, keyspace, all, min, timeout, json }: WaitFlags,
  command: Command,
  { world, signal, exitWith, program }: CommandContext,
): Promise<void> {
  if (program || keyspace !== undefined) {
    command.error("error: --served asks a running agent: neither --keyspace nor a program fits it");
  }
  const minShare = min === undefined ? 1 : asShare(min, command);
  const request = { names, minShare, limitMs: timeout ?? 30_000, all: all === true };
  const { wait } = await import("../commands/wait.ts");
  exitWith(await wait({ ...request, json: json === true, socket, files }, world, signal));
}

async function waitForThem(
  names: readonly string[],
  flags: WaitFlags,
  command: Command,
  context: CommandContext,
): Promise<void> {
  const { world, signal, exitWith, program } = context;
  const problem = problemOf(names, flags);
  if (problem !== undefined) command.error(`error: ${problem}`);
  if (program?.length === 0) command.error("error: missing the program after --");
  const { min = "1", timeout: limitMs = 60_000 } = flags;
  const request = { services: names, enough: asEnough(min, command), limitMs, program };
  const place = await keyspacePlace(flags, command, context);
  const { waitForServices } = await import("../commands/wait-service.ts");
  exitWith(await waitForServices({ ...request, ...place, access: {} }, world, signal));
}

/** Why these are no services to wait for; undefined if they are. */
function problemOf(names: readonly string[], { all, socket, json }: WaitFlags): string | undefined {
  if (all || socket !== undefined || json) {
    return "--all, --socket and --json are for instances of a running agent: add --served";
  }
  const instance = names.find((name) => name.includes("/"));
  if (instance !== undefined) {
    return `${instance} is an instance: add --served to wait until proxies serve it, or name a service`;
  }
  return names.length === 0
    ? "name the services to wait for, or add --served for instances of a running agent"
    : undefined;
}

/** The keyspace that has the services: of an option, a configuration or the environment. */
async function keyspacePlace(
  { keyspace, config }: WaitFlags,
  command: Command,
  { world }: CommandContext,
): Promise<{ readonly url: string } | { readonly files: readonly string[] }> {
  if (keyspace !== undefined && config) {
    command.error("error: --keyspace or -c names the keyspace, not both");
  }
  if (keyspace !== undefined) return { url: keyspace };
  if (config) return { files: config };
  const { SIDEKICK_KEYSPACE: url } = world.env;
  if (url) return { url };
  const files = await defaultFiles(world);
  return files
    ? { files }
    : command.error(`error: name the keyspace by --keyspace or -c: ${keyspaceUrls}`);
}

/** Parses what is enough instances of a service. */
function asEnough(text: string, command: Command): { count: number } | { share: number } {
  if (/^[1-9]\d{0,8}$/.test(text)) return { count: Number(text) };
  return { share: asShare(text, command, "a number of instances such as 2, or ") };
}

function asShare(text: string, command: Command, other = ""): number {
  const [, number = ""] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  const percent = Number(number);
  if (percent > 0 && percent <= 100) return percent / 100;
  return command.error(
    `error: option '--min <number>' argument '${text}' is invalid. expected ${other}a share above 0% and up to 100%, such as 80%.`,
  );
}
