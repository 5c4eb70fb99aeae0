import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { main, sidekick, startSidekick } from "./sidekick.ts";
import { type AtTerminal, atTerminal } from "./terminal.ts";

test("top shows an agent live, marks what is stale, and gives the terminal back", async (t) => {
  const folder = await throwAwayFolder(t);
  const services = join(folder, "keys/services/web");
  await mkdir(services, { recursive: true });
  await writeFile(join(services, "10.0.0.1:80"), "10.0.0.1:80");
  await writeFile(join(folder, "list.hbs"), '{{#each (instances "web")}}{{address}}\n{{/each}}');
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: file:./keys
status: { socket: ./agent.sock }
watch:
  templates: [{ source: list.hbs, target: list.txt, format: plain }]
`,
  );
  const options = { cwd: folder };
  const agent = startSidekick(t, ["run", "-c", "sidekick.yaml"], options);
  const once = ["top", "--socket", "agent.sock"];
  const printed = await eventually("the file is in sync", async () => {
    const { code, output } = await sidekick(t, once, options);
    return code === 0 ? output : undefined;
  });
  assert.match(printed, /^IN SYNC: /);
  assert.match(printed, /serving +web\/10\.0\.0\.1:80/);

  // The process id is written so that the program can be stopped, and not its shell.
  const begin = (name: string) => {
    const program = [...main, ...once].join(" ");
    const command = `sh -c 'echo $$ > ${name}.pid; exec ${program}'; echo "code $?"; stty -a`;
    return atTerminal(t, command, options);
  };
  const [watching, stopped] = [begin("watching"), begin("stopped")];
  const shows = async (pattern: RegExp, terminal = watching) =>
    await eventually(`${pattern} is shown`, () =>
      terminal.screen().find((row) => pattern.test(row)),
    );
  await shows(/^IN SYNC: /);
  await shows(new RegExp(`^sidekick top .* process ${agent.pid} `));
  await shows(/serving +web\/10\.0\.0\.1:80/);

  await writeFile(join(services, "evil"), "\x1b]0;title\x07");
  await writeFile(join(services, "10.0.0.2:80"), "10.0.0.2:80");
  await shows(/serving +web\/10\.0\.0\.2:80/);
  await shows(/quarantined +web\/evil/);
  await shows(/^DEGRADED: /);
  assert.doesNotMatch(watching.output(), /\x1b\]0;/);

  const isRestored = async (terminal: AtTerminal) => {
    assert.equal(await terminal.ended, 0);
    const [, after = ""] = terminal.output().split("\x1b[?1049l");
    assert.match(after, /^code 0\r\n/);
    assert.match(after, /^isig icanon .* echo /m);
  };
  await shows(/^DEGRADED: /, stopped);
  process.kill(Number(await readFile(join(folder, "stopped.pid"), "utf8")), "SIGTERM");
  await isRestored(stopped);

  await agent.stop("SIGKILL");
  await shows(/^STALE: last heard \d+s ago, /);
  await shows(/^no sidekick answers at /);
  await shows(/serving +web\/10\.0\.0\.2:80/);
  const again = startSidekick(t, ["run", "-c", "sidekick.yaml"], options);
  await shows(new RegExp(`^sidekick top .* process ${again.pid} `));
  watching.type("q");
  await isRestored(watching);
});
