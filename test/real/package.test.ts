import assert from "node:assert/strict";
import { access, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { outputOf, ran, throwAwayFolder } from "../support/process.ts";

const root = join(import.meta.dirname, "../..");

test("the packed program installs into an empty folder, runs there, and plays the demo", async (t) => {
  const folder = await throwAwayFolder(t);
  // The Node of this test comes first on the path, as on a machine that has it installed.
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const env = { PATH: path, RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const done = (...argv: string[]) => outputOf(argv, { cwd: folder, env });
  // Built already: what prepack would do must not happen under the feet of the other tests.
  await outputOf(["npm", "pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [tarball = ""] = await readdir(folder);
  await done("npm", "init", "-y");
  await done("npm", "install", "--no-audit", "--no-fund", `./${tarball}`);
  await assert.rejects(access(join(folder, "node_modules/sidekick/agents")), "no sources in it");

  const played = await done("npx", "sidekick", "demo", "--once");
  assert.match(played, /✔ all three are registered/);
  assert.match(played, /✔ the file lists app-2 again/);
});

test("a Node.js that is too old gets one sentence", async () => {
  // What an old Node would run, with a version that is old.
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.1.0' });";
  const argv = [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(old)}`];
  const bin = join(root, "bin/sidekick.js");
  const finished = await ran([...argv, bin]);
  assert.equal(finished.code, 2);
  assert.match(finished.output, /^sidekick needs Node\.js 24 or newer; .*\n$/);
});
