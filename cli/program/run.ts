import { type Command, Option } from "commander";
import type { Section } from "../../lib/status/paths.ts";
import { formats } from "../env/formats.ts";
import type { CommandContext } from "./context.ts";
import { asMs, filesOf, withFiles, withLog } from "./options.ts";

/** `run`, `presence`, `watch`, `exec` and `env`. */
export function runCommands(commands: Command, context: CommandContext): void {
  const agents = (name: string, section: Section) => {
    const command = withLog(withFiles(commands.command(name))).option(
      "--watch-config",
      "reload the configuration whenever its files change, as SIGHUP does",
    );
    return command.action(async ({ config: named, once, timeout, watchConfig, ...logging }) => {
      const config = await filesOf(named, command, context.world);
      const { run } = await import("../commands/run.ts");
      const onceMs = once ? timeout : undefined;
      const options = { files: config, section, onceMs, watchConfig, ...logging };
      context.exitWith(await run(options, context.world, context.signal));
    });
  };
  agents("run", "any").description("run the agents that the configuration has sections for");
  agents("presence", "presence")
    .summary(partSummary)
    .description("check local instances and register the healthy ones");
  agents("watch", "watch")
    .summary(partSummary)
    .description("follow the keyspace, render files and reload proxies")
    .option("--once", "render, check, install and apply once, then exit")
    .addOption(
      new Option("--timeout <duration>", "with --once: how long to wait for keyspace and proxies")
        .argParser(asMs)
        .default(60_000, "60s"),
    );
  execCommand(commands, context);
  envCommand(commands, context);
}

/** For help: the commands that run one of the agents share a line. */
const partSummary = "register healthy instances; render files for proxies";

/** For help: the commands that run a program share a line. */
const programSummary = "run a program with the agents; with variables from keys";

function execCommand(
  commands: Command,
  { world, signal, exitWith, program }: CommandContext,
): void {
  const command = withLog(withFiles(commands.command("exec")))
    .summary(programSummary)
    .description(
      "run the agents and a program: it starts once its files are written, and is stopped once its instances are drained; exit with its code",
    )
    .usage("[options] [-- <program> [arguments...]]");
  command.action(async ({ config: named, ...logging }) => {
    const files = await filesOf(named, command, world);
    const { run } = await import("../commands/run.ts");
    const options = { files, section: "any", program: program ?? [], ...logging } as const;
    exitWith(await run(options, world, signal));
  });
}

function envCommand(commands: Command, { world, signal, program }: CommandContext): void {
  const command = withFiles(commands.command("env"))
    .summary(programSummary)
    .description(
      "print the variables of exec.env as the keyspace has them now, or run a program with them in its environment, in place of sidekick",
    )
    .usage("[options]\n       sidekick env [options] -- <program> [arguments...]")
    .addOption(
      new Option(
        "--format <format>",
        "how to print them, each with its quoting (default: dotenv)",
      ).choices(formats),
    )
    .addOption(
      new Option("--timeout <duration>", "how long to wait for the keyspace")
        .argParser(asMs)
        .default(60_000, "60s"),
    );
  command.action(async ({ config: named, format, timeout: timeoutMs }) => {
    if (program?.length === 0) return command.error("error: missing the program after --");
    if (program && format) {
      return command.error("error: --format is for printing: leave it out, or the program");
    }
    const files = await filesOf(named, command, world);
    const { env } = await import("../commands/env.ts");
    await env({ files, format: format ?? "dotenv", timeoutMs, program }, world, signal);
  });
}
