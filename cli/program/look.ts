import { type Command, Option } from "commander";
import type { CommandContext } from "./context.ts";
import { asCount, atRevision, keyspaceUrls, withAccess, withAgent } from "./options.ts";

/** `status`, `top`, `history`, `diff`, `explain`, `fleet`, `turns`, `ls` and `get`. */
export function lookCommands(commands: Command, context: CommandContext): void {
  statusCommand(commands, context);
  topCommand(commands, context);
  historyCommand(commands, context);
  diffCommand(commands, context);
  explainCommand(commands, context);
  fleetCommand(commands, context);
  turnsCommand(commands, context);
  lsCommand(commands, context);
  getCommand(commands, context);
}

function statusCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withAgent(commands.command("status"))
    .summary("print the status of a running agent; show it live")
    .description(
      "print the status of a running agent; exit 0 if all is as it should be, 3 if it is degraded, 1 if it is unhealthy or does not answer",
    )
    .addOption(
      new Option(
        "--healthy",
        "exit 0 if the process works, 1 if a restart would help: for health checks",
      ).conflicts("ready"),
    )
    .option(
      "--ready",
      "exit 0 if it has registered what is healthy and its proxy serves a verified configuration, else 1",
    )
    .addOption(
      new Option(
        "--all",
        "print the status of all agents of this user; the exit code is the worst",
      ).conflicts(["config", "socket"]),
    )
    .option("--json", "print the status as JSON")
    .action(async ({ config = [], socket, all, json, healthy, ready }) => {
      const { status, statusOfAll } = await import("../commands/status.ts");
      const question = healthy ? "healthy" : ready ? "ready" : "degraded";
      const asked = { json: json === true, question } as const;
      const one = { socket, files: config, ...asked };
      exitWith(all ? await statusOfAll(asked, world, signal) : await status(one, world, signal));
    });
}

function topCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  withAgent(commands.command("top"))
    .summary("print the status of a running agent; show it live")
    .description(
      "show what is served, why not, and what changed, until q is pressed; without a terminal, print it once, with the exit code of sidekick status",
    )
    .option("--once", "print it once, also on a terminal")
    .action(async ({ config = [], socket, once }) => {
      const { top } = await import("../commands/top.ts");
      exitWith(await top({ once: once === true, socket, files: config }, world, signal));
    });
}

function historyCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("history"))
    .summary("list what a watcher changed and why; compare its texts")
    .description(
      "list what a watcher changed, when, how and why, the latest last; also of one that does not run, with -c",
    )
    .argument("[target]", "path or name of a file (default: all files)")
    .addOption(
      new Option("--last <count>", "how many to list at the most").argParser(asCount).default(50),
    )
    .option("--json", "print the generations as JSON, with all causes and stages")
    .action(async (target, { config = [], socket, last, json }) => {
      const { history } = await import("../commands/history.ts");
      const options = { target, last, json: json === true, socket, files: config };
      await history(options, world, signal);
    });
}

function diffCommand(commands: Command, { world, signal }: CommandContext): void {
  withAgent(commands.command("diff"))
    .summary("list what a watcher changed and why; compare its texts")
    .description(
      "print the difference between the texts of two generations in sidekick history, as far as they were kept",
    )
    .argument("<n>", "number of the generation", asCount)
    .argument("[other]", "number to compare with (default: the one before n)", asCount)
    .option("--json", "print the differences as JSON")
    .action(async (n, m, { config = [], socket, json }) => {
      const { diff } = await import("../commands/diff.ts");
      await diff({ n, m, json: json === true, socket, files: config }, world, signal);
    });
}

function explainCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const command = withAgent(commands.command("explain"))
    .summary("print why an instance gets traffic or not")
    .description(
      "print why an instance gets traffic or not, as a running agent knows it: exit 0 if it does, 3 if not, 1 if nothing is known of it; or the keys that a line of a file depends on",
    )
    .usage("[options] <instance>\n       sidekick explain --line <file:number>")
    .argument(
      "[instance]",
      "service/id of an instance, or a key, such as /services/web/10.0.0.1:80",
    )
    .option("--line <file:number>", "line of a file that the agent writes")
    .option("--json", "print the explanation as JSON");
  command.action(async (instance, { config = [], socket, line, json }) => {
    const [, target, number] = /^(.+):([1-9]\d*)$/.exec(line ?? "") ?? [];
    if ((instance === undefined) === (line === undefined))
      return command.error("error: name an instance, or a line by --line");
    if (line !== undefined && target === undefined)
      return command.error("error: --line takes a file and a number: haproxy.cfg:42");
    const asked = target === undefined ? instance : { target, line: Number(number) };
    const { explain } = await import("../commands/explain.ts");
    exitWith(await explain({ asked, json: json === true, socket, files: config }, world, signal));
  });
}

function fleetCommand(commands: Command, { world, signal, exitWith }: CommandContext): void {
  const command = withAccess(commands.command("fleet"))
    .summary(fleetSummary)
    .description(
      "list all watchers of a keyspace with the state of their files; exit 0 if all are in sync and agree, 3 if not, 1 if the keyspace is unreachable",
    )
    .usage("[options] <url>\n       sidekick fleet -c <file>")
    .argument("[url]", "URL of the keyspace; not with -c")
    .option("--json", "print watchers and differences as JSON");
  command.action(async (first, { config, json, ...access }) => {
    const { url } = placeOf(command, config, first, config && first);
    const { fleet } = await import("../commands/fleet.ts");
    const options = { files: config, url, json: json === true, access };
    exitWith(await fleet(options, world, signal));
  });
}

const fleetSummary = "compare the watchers of a keyspace; list their turns";

function turnsCommand(commands: Command, { world, signal }: CommandContext): void {
  const command = withAccess(commands.command("turns"))
    .summary(fleetSummary)
    .description(
      "list the watchers that reload, or wait for their turn, in the order of each group",
    )
    .usage("[options] <url>\n       sidekick turns -c <file>")
    .argument("[url]", "URL of the keyspace; not with -c")
    .option(
      "--clear <watcher>",
      "remove the entry of this watcher, by its name or key: if it runs, it queues again, at the end",
    )
    .option("--json", "print the turns as JSON");
  command.action(async (first, { config, json, clear, ...access }) => {
    const { url } = placeOf(command, config, first, config && first);
    const { turns } = await import("../commands/turns.ts");
    await turns({ files: config, url, clear, json: json === true, access }, world, signal);
  });
}

function lsCommand(commands: Command, { world, signal }: CommandContext): void {
  const command = withAccess(commands.command("ls"))
    .summary("list the keys of a keyspace; print the value of one")
    .description("list the keys of a keyspace: etcd, ZooKeeper or a directory")
    .usage("[options] <url> [prefix]\n       sidekick ls -c <file> [prefix]")
    .argument("[url]", "URL of the keyspace; not with -c")
    .argument(
      "[prefix]",
      "folder to list, without a slash also keys without one (default: all keys)",
    )
    .addOption(atRevision())
    .option("-l, --long", "print the values, too")
    .option("--json", "print keys and revisions as JSON; values with --long");
  command.action(async (first, second, { config, long, json, at, ...access }) => {
    const { url, rest: prefix } = placeOf(command, config, first, second);
    const { ls } = await import("../commands/inspect.ts");
    await ls({ files: config, url, at, prefix, long, json, access }, world, signal);
  });
}

function getCommand(commands: Command, { world, signal }: CommandContext): void {
  const command = withAccess(commands.command("get"))
    .summary("list the keys of a keyspace; print the value of one")
    .description("print the value of a key in etcd, ZooKeeper or a directory")
    .usage("[options] <url> <key>\n       sidekick get -c <file> <key>")
    .argument("[url]", "URL of the keyspace; not with -c")
    .argument("[key]", "key, such as /services/web/10.10.2.3:8810")
    .addOption(atRevision())
    .option("--json", "print value, revision and owner as JSON");
  command.action(async (first, second, { config, json, at, ...access }) => {
    const { url, rest: key } = placeOf(command, config, first, second);
    if (key === undefined) return command.error("error: missing the key");
    const { get } = await import("../commands/inspect.ts");
    await get({ files: config, url, at, key, json, access }, world, signal);
  });
}

/** The arguments of a command on a keyspace: it is that of a configuration, or its URL comes first. */
function placeOf(
  command: Command,
  config: readonly string[] | undefined,
  first: string | undefined,
  second: string | undefined,
): { readonly url?: string | undefined; readonly rest: string | undefined } {
  if (config === undefined) {
    if (first !== undefined) return { url: first, rest: second };
    command.error(`error: name a keyspace by its URL or by -c: ${keyspaceUrls}`);
  }
  if (second === undefined) return { rest: first };
  return command.error("error: a URL or -c names the keyspace, not both");
}
