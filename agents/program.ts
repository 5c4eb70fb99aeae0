import { Command, CommanderError, Option } from "commander";
import { check } from "./commands/check.ts";
import { get, ls } from "./commands/inspect.ts";
import { render } from "./commands/render.ts";
import { run, type Sections } from "./commands/run.ts";
import { schema } from "./commands/schema.ts";
import { app } from "./demo/app.ts";
import { demo } from "./demo/demo.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** Reads the command line and runs the command. Returns the exit code; throws faults. */
export async function program(
  args: readonly string[],
  world: World,
  signal: AbortSignal,
): Promise<number> {
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
  const agent = (usage: string, description: string, sections: Sections) =>
    configured(usage, description).action(async ({ config, once }) => {
      await run({ files: config, sections, once: once === true }, world, signal);
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
    .action(({ config, ...options }) => render({ files: config, ...options }, world, signal));
  configured("check", "check configuration and templates, and name every problem").action(
    ({ config }) => check(config, world),
  );
  inspecting("ls <url> [prefix]", "list the keys of any keyspace")
    .option("-l, --long", "with their values")
    .action((url, prefix, { long, ...access }) => ls({ url, prefix, long, access }, world, signal));
  inspecting("get <url> <key>", "print the value of a key").action((url, key, access) =>
    get({ url, key, access }, world, signal),
  );
  command("schema", "print the JSON Schema of the configuration, for editors").action(() =>
    schema(world),
  );
  commands
    .command("demo-app <name> <port>", { hidden: true })
    .action((name, port) => app(name, Number(port), world.out.write, signal));
  command("demo", "the main job on one machine, with nothing installed")
    .option("--once", "play the scene to its end and exit: 0 if every step happened in time")
    .addOption(
      new Option(
        "--proxy <kind>",
        "which proxy to run; otherwise what is installed decides",
      ).choices(["haproxy", "nginx", "none"]),
    )
    .action(async ({ once, proxy }) => {
      code = await demo({ once: once === true, proxy }, world, signal);
    });

  try {
    await commands.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return code;
}

const urlHelp =
  "\nA keyspace is file:./folder, etcd://host:2379,host:2379 or etcds://host:2379 (TLS).";
