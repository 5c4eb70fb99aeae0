import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { program } from "../../cli/program.ts";
import { never } from "../../lib/base/signal.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

test("check finds the mistakes in the templates of variables, each at its place", async (t) => {
  const folder = await throwAwayFolder(t);
  const file = join(folder, "sidekick.yaml");
  const lines = [
    "exec:",
    "  prefixes: [/db]",
    "  env:",
    `    GOOD: 'tcp://{{getv "/db/host"}}'`,
    "    OPEN: '{{#if}}'",
    `    OUTSIDE: '{{getv "/other"}}'`,
    `    UNKNOWN: '{{nosuch "a"}}'`,
  ];
  await writeFile(file, lines.join("\n"));
  const { world } = testWorld(folder);
  const found = await program(["check", "-c", file], world, never).catch(({ message }) => message);
  const places = String(found).match(/(?<=sidekick\.yaml:)\d+(?=:\d+: )/g);
  assert.deepEqual(places, ["5", "6", "7"], String(found));
  assert.match(String(found), /exec\.env\.UNKNOWN:1:1: there is no helper nosuch/);
});
