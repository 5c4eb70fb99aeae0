import { type Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../../lib/base/duration.ts";
import { levels, logFormats } from "../../lib/base/log.ts";
import { defaultFile, defaultFiles } from "../configuration-files.ts";
import type { World } from "../world.ts";

/** For commands that read a configuration: `-c`, required. */
export function withConfig(command: Command): Command {
  return command.addOption(
    new Option(
      "-c, --config <file...>",
      "configuration file (YAML, JSON or TOML); may be repeated",
    ).makeOptionMandatory(),
  );
}

/** For commands that read a configuration which may be the default file, or the environment: see `filesOf`. */
export function withFiles(command: Command): Command {
  return command
    .option("-c, --config <file...>", "configuration file (YAML, JSON or TOML); may be repeated")
    .addHelpText(
      "after",
      `\nWithout --config: ${defaultFile} if it exists, else the variables\nELB_NAME and others of docs/destinations.md.`,
    );
}

/** For commands that run agents: how they log. */
export function withLog(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--log-level <level>",
        "lowest level of messages that are logged (default: that of the configuration)",
      ).choices(levels),
    )
    .addOption(
      new Option(
        "--log-format <format>",
        "format of the log (default: text on a terminal, else json)",
      ).choices(logFormats),
    );
}

/** The files of the configuration; none for the environment. Ends with an error if there is no configuration. */
export async function filesOf(
  named: readonly string[] | undefined,
  command: Command,
  world: World,
): Promise<readonly string[]> {
  const files = named ?? (await defaultFiles(world));
  return files ?? command.error("error: required option '-c, --config <file...>' not specified");
}

/** For commands that connect to a running agent: `-c` and `--socket` select it. */
export function withAgent(command: Command): Command {
  return command
    .option("-c, --config <file>", "configuration file of the agent; may be repeated", append)
    .option("--socket <path>", "control socket of the agent")
    .addHelpText(
      "after",
      "\nWithout --config and --socket: the only agent of this user on this machine.",
    );
}

/** The forms of the URL of a keyspace, for people. */
export const keyspaceUrls =
  "file:./folder, etcd://h1:2379,h2:2379, zk://host:2181/folder (ZooKeeper)";

/** For commands that read a keyspace: the configuration that has it, or login and TLS files. */
export function withAccess(command: Command): Command {
  return command
    .addOption(
      new Option("-c, --config <file>", "use the keyspace of a configuration; may be repeated")
        .argParser(append)
        .conflicts(["user", "passwordFile", "ca", "cert", "key"]),
    )
    .option("--user <name>", "user name, if the server requires authentication")
    .option("--password-file <file>", "file with the password in its first line")
    .option("--ca <file>", "CA certificate of the server (PEM)")
    .option("--cert <file>", "client certificate (PEM)")
    .option("--key <file>", "private key of the client certificate (PEM)")
    .addHelpText(
      "after",
      `\nURLs: ${keyspaceUrls}.\nWith TLS: etcds://host:2379, zks://host:2281/folder.`,
    );
}

/** For commands that read a keyspace, which may have a past. */
export function atRevision(): Option {
  return new Option(
    "--at <revision>",
    "read the keyspace as it was at an earlier revision: only etcd, until it compacts it",
  );
}

/** Parses the duration of an option to milliseconds. */
export function asMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("expected a duration such as 500ms or 10s");
  return ms;
}

/** Parses a whole number. */
export function asCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number");
}

/** The values of an option that may be repeated. */
export function append(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
