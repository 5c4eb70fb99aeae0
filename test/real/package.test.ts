import assert from "node:assert/strict";
import { access, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { outputOf, run, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";

test("the packed program installs into an empty folder and runs the demo there", async (t) => {
  const folder = await throwAwayFolder(t);
  // The Node.js of this test comes first in PATH, as on a machine where it is installed.
  const path = `${dirname(process.execPath)}:${process.env.PATH}`;
  const env = { PATH: path, RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  const inFolder = (...argv: string[]) => outputOf(argv, { cwd: folder, env });
  // Without prepack: the program is built already, and another build would disturb other tests.
  await outputOf(["npm", "pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [tarball = ""] = await readdir(folder);
  await inFolder("npm", "init", "-y");
  await inFolder("npm", "install", "--no-audit", "--no-fund", `./${tarball}`);
  await assert.rejects(
    access(join(folder, "node_modules/sidekick/agents")),
    "it contains no sources",
  );

  const output = await inFolder("npx", "sidekick", "demo", "--once");
  assert.match(output, /✔ all three are registered/);
  assert.match(output, /✔ the file lists app-2 again/);
});

test("a Node.js that is too old is reported in one sentence", async () => {
  // Simulates an old version.
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.1.0' });";
  const argv = [process.execPath, "--import", `data:text/javascript,${encodeURIComponent(old)}`];
  const bin = join(root, "bin/sidekick.js");
  const finished = await run([...argv, bin]);
  assert.equal(finished.code, 2);
  assert.match(finished.output, /^sidekick needs Node\.js 24 or newer; .*\n$/);
});
