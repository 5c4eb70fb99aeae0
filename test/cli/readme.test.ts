import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { exitCode } from "../../cli/main.ts";
import { never } from "../../lib/base/signal.ts";
import { blocks } from "../support/markdown-blocks.ts";
import { throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { testWorld } from "./test-world.ts";

test("the first configuration of README works in an empty folder", async (t) => {
  const folder = await throwAwayFolder(t);
  const [first] = blocks(await readFile(join(root, "README.md"), "utf8"), "yaml");
  const config = join(folder, "sidekick.yaml");
  await writeFile(config, first?.text ?? "");
  const { world, err } = testWorld(folder);

  assert.equal(await exitCode(["check", "-c", config], world, never), 0, err());
  assert.equal(await exitCode(["watch", "--once", "-c", config], world, never), 0, err());
  assert.match(await readFile(join(folder, "nginx.conf"), "utf8"), /^http \{$/m);
});
