import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { splitProgram } from "../../cli/program/before-program.ts";
import { examples } from "../../docs/generate/cli-examples.ts";
import { commandReference, documentedProgram } from "../../docs/generate/cli-page.ts";

const root = join(import.meta.dirname, "..", "..");

/** The names of the commands that `sidekick --help` lists. */
function visibleNames(): readonly string[] {
  const program = documentedProgram(root);
  const visible = program.createHelp().visibleCommands(program);
  return visible.map((command) => command.name()).filter((name) => name !== "help");
}

test("every command has a section and an example in the reference, and hidden commands have none", () => {
  const page = commandReference(documentedProgram(root));
  const sections = [...page.matchAll(/^### sidekick (\S+)$/gm)].map(([, name]) => name);
  assert.deepEqual(sections.toSorted(), visibleNames().toSorted());
  assert.deepEqual(Object.keys(examples).toSorted(), visibleNames().toSorted());
  assert.doesNotMatch(page, /demo-app/);
});

for (const [name, lines] of Object.entries(examples)) {
  for (const { line } of lines) {
    test(`the parser accepts the example ${line}`, async () => {
      const program = documentedProgram(root);
      const parsed: string[] = [];
      for (const command of program.commands) {
        command.action(() => void parsed.push(command.name()));
      }
      const [executable, ...args] = line.split(" ");
      assert.equal(executable, "sidekick");
      await program.parseAsync(splitProgram(args).own, { from: "user" });
      assert.deepEqual(parsed, [name]);
    });
  }
}

test("the reference shows defaults, choices and required options as they are typed", () => {
  const page = commandReference(documentedProgram(root));
  assert.match(page, /^\| `--for <duration>` +\| `10s` +\|/m);
  assert.match(page, /^\| `--proxy <kind>` .*: `haproxy`, `nginx`, `none` +\|$/m);
  assert.match(page, /^\| `-c, --config <file...>` +\| required +\|/m);
});
