import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../lib/base/duration.ts";
import type { Section } from "../lib/status/paths.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/**
 * Reads the command line and runs the command. Returns the exit code; throws faults. What a command needs is loaded
 * when it is called: `sidekick status` is to answer every few seconds, and has no use for what `sidekick run` loads.
 */
export async function program(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const { commands, exitCode } = createProgram(world, signal);
  try {
    await commands.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode();
}

/** A parser with every command; docs/cli.md is made from it. */
export interface Program {
  readonly commands: Command;
  /** The exit code of the command that ran; 0 before. */
  readonly exitCode: () => number;
}

/** The commands with their options and descriptions; each runs in `world` until it is done or the signal aborts. */
export function createProgram(world: World, signal: AbortSignal): Program {
  let code = 0;
  const commands = new Command("sidekick")
    .description("Registers what is healthy, and keeps a proxy pointed at it.")
    .version(version(world.shipped))
    .showHelpAfterError("(sidekick --help lists the commands)")
    .configureOutput({ writeOut: world.out.write, writeErr: world.err.write })
    .exitOverride();

  const command = (usage: string, description: string) =>
    commands.command(usage).description(description);
  const configured = (usage: string, description: string) =>
    command(usage, description).addOption(
      new Option(
        "-c, --config <file...>",
        "configuration: YAML, JSON or TOML",
      ).makeOptionMandatory(),
    );
  const inspecting = (usage: string, description: string) =>
    command(usage, description)
      .option("--user <name>", "who we are, where the server asks for a password")
      .option("--password-file <file>", "its first line is the user's password")
      .option("--ca <file>", "PEM: the authority that signed the server")
      .option("--cert <file>", "PEM: our certificate")
      .option("--key <file>", "PEM: the key of our certificate")
      .addHelpText("after", urlHelp);
  const asking = (usage: string, description: string) =>
    command(usage, description)
      .option("-c, --config <file>", "the configuration that it runs", alsoOf)
      .addHelpText("after", askingHelp);
  const agent = (usage: string, description: string, section: Section) =>
    configured(usage, description).action(async ({ config, once }) => {
      const { run } = await import("./commands/run.ts");
      await run({ files: config, section, once: once === true }, world, signal);
    });

  agent("run", "run the agents that the configuration has sections for", "any");
  agent("presence", "check local services and register the healthy ones", "presence");
  agent("watch", "follow the keyspace, render templates and reload proxies", "watch").option(
    "--once",
    "render, check, install and apply once, then exit",
  );
  configured("render", "render to standard output; touch nothing")
    .option("--template <name>", "only this one, by the name of its source or target")
    .option("--fixture <file>", "keys and values from a YAML or JSON file, not from the keyspace")
    .option("--diff", "show how the result differs from the target")
    .action(async ({ config, ...options }) => {
      const { render } = await import("./commands/render.ts");
      await render({ files: config, ...options }, world, signal);
    });
  configured("check", "check configuration and templates, and name every problem").action(
    async ({ config }) => {
      const { check } = await import("./commands/check.ts");
      await check(config, world);
    },
  );
  inspecting("ls <url> [prefix]", "list the keys of any keyspace")
    .option("-l, --long", "with their values")
    .action(async (url, prefix, { long, ...access }) => {
      const { ls } = await import("./commands/inspect.ts");
      await ls({ url, prefix, long, access }, world, signal);
    });
  inspecting("get <url> <key>", "print the value of a key").action(async (url, key, access) => {
    const { get } = await import("./commands/inspect.ts");
    await get({ url, key, access }, world, signal);
  });
  asking("status [socket]", "say how a running sidekick fares; exit 0 only when it is healthy")
    .option(
      "--ready",
      "exit 0 only when it is ready: all that is up is announced, all files in force",
    )
    .option("--json", "print the report as JSON")
    .action(async (socket, { config = [], json, ready }) => {
      const { status } = await import("./commands/status.ts");
      const options = { socket, files: config, json: json === true, ready: ready === true };
      code = await status(options, world, signal);
    });
  asking(
    "drain [instances...]",
    "have a running sidekick take instances out of service, then remove them",
  )
    .option("--socket <socket>", "the sidekick's own socket")
    .addOption(
      new Option("--for <duration>", "how long they take no new requests before they are removed")
        .argParser(asMs)
        .default(10_000, "10s"),
    )
    .option(
      "--wait",
      "remove them sooner: once every watcher's proxies send nothing there any more",
    )
    .action(async (names, { config = [], socket, for: forMs, wait }) => {
      const { drain } = await import("./commands/drain.ts");
      const options = { names, forMs, wait: wait === true, socket, files: config };
      code = await drain(options, world, signal);
    });
  command("schema", "print the JSON Schema of the configuration, for editors").action(async () => {
    const { schema } = await import("./commands/schema.ts");
    schema(world);
  });
  commands.command("demo-app <name> <port>", { hidden: true }).action(async (name, port) => {
    const { app } = await import("./demo/app.ts");
    await app(name, Number(port), world.out.write, signal);
  });
  command("demo", "the main job on one machine, with nothing installed")
    .option("--once", "play the scene to its end and exit: 0 if every step happened in time")
    .addOption(
      new Option(
        "--proxy <kind>",
        "which proxy to run; otherwise what is installed decides",
      ).choices(["haproxy", "nginx", "none"]),
    )
    .action(async ({ once, proxy }) => {
      const { demo } = await import("./demo/demo.ts");
      code = await demo({ once: once === true, proxy }, world, signal);
    });

  return { commands, exitCode: () => code };
}

/** An option that may be given several times, each with one value. */
function alsoOf(file: string, before: readonly string[] = []): readonly string[] {
  return [...before, file];
}

function asMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("expected a duration such as 500ms or 10s");
  return ms;
}

const askingHelp =
  "\nWithout its configuration or socket the only sidekick of this user that runs here is meant.";

const urlHelp =
  "\nA keyspace is file:./folder, etcd://host:2379,host:2379 or etcds://host:2379 (TLS).";
