import assert from "node:assert/strict";
import { test } from "node:test";
import { createProgram, program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { testWorld } from "./test-world.ts";

const groups = {
  "Run:": ["run", "presence", "watch", "exec", "env"],
  "Look:": ["status", "top", "history", "diff", "explain", "fleet", "turns", "ls", "get"],
  "Operate:": ["drain", "undrain", "weight", "wait", "pin", "unpin", "retry", "reload"],
  "Write:": ["check", "render", "simulate", "schema", "access", "completion"],
  "Move in:": ["confd", "synapse", "nerve", "registrator", "convert"],
  "Try:": ["demo"],
};

/** The output of a command line. */
async function output(...args: readonly string[]): Promise<string> {
  const { world, out } = testWorld("/nonexistent");
  assert.equal(await program(args, world, never), 0);
  return out();
}

const visible = createProgram(testWorld("/nonexistent").world, never).commands.commands.filter(
  (command) => command.name() !== "demo-app",
);

test("sidekick --help fits a screen of 80 columns and 24 lines", async () => {
  const lines = (await output("--help")).split("\n");
  assert.ok(lines.length <= 24, `${lines.length} lines`);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.equal(lines.at(-1), "");
  assert.notEqual(lines.at(-2), "");
});

test("sidekick --help lists every command in its group, with one line for each, or for those of one summary", async () => {
  const help = await output("--help");
  const found: Record<string, string[]> = {};
  let group = "";
  const lists = help.slice(help.indexOf("Run:")).trimEnd();
  for (const line of lists.split("\n")) {
    const [, heading = "", names] = /^(\w[\w ]*:)? +((?:\S+, )*\S+) {2,}\S/.exec(line) ?? [];
    assert.ok(names, `a description takes two lines: ${line}`);
    if (heading !== "") group = heading;
    found[group] = [...(found[group] ?? []), ...names.split(", ")];
  }
  assert.deepEqual(found, groups);
  assert.deepEqual(
    visible.map((command) => command.name()),
    Object.values(groups).flat(),
  );
});

for (const command of visible) {
  test(`sidekick ${command.name()} --help fits 80 columns and describes every argument and option`, async () => {
    const help = await output(command.name(), "--help");
    for (const line of help.split("\n")) assert.ok(line.length <= 80, line);
    const described = [...command.registeredArguments, ...command.options];
    for (const { description } of described) assert.notEqual(description, "");
  });
}

test("an option has the same short name and the same kind of value in every command", () => {
  const flags = new Map<string, string>();
  for (const command of visible) {
    for (const option of command.options) {
      const form = option.flags.replace("...", "");
      const before = flags.get(option.name()) ?? form;
      assert.equal(form, before, `${command.name()} --${option.name()}`);
      flags.set(option.name(), form);
    }
  }
  assert.equal(flags.get("config"), "-c, --config <file>");
  assert.equal(flags.get("socket"), "--socket <path>");
  assert.equal(flags.get("json"), "--json");
});

test("wrong usage is explained, and the exit code is 2", async () => {
  const lines: readonly (readonly [readonly string[], RegExp])[] = [
    [["nonsense"], /unknown command 'nonsense'/],
    [["run"], /required option '-c, --config <file...>' not specified/],
    [["status", "/run/a.sock"], /too many arguments/],
    [["drain", "--for", "soon"], /expected a duration such as 500ms or 10s/],
    [["weight", "web/a", "257"], /expected 0 to 256, or default/],
    [["weight", "web/a", "-1"], /expected 0 to 256, or default/],
    [["weight", "web/a"], /missing required argument 'weight'/],
    [["demo", "--proxy", "squid"], /Allowed choices are haproxy, nginx, none/],
  ];
  for (const [args, message] of lines) {
    const { world, err } = testWorld("/nonexistent");
    assert.equal(await program(args, world, never), 2, args.join(" "));
    assert.match(err(), message);
  }
});
