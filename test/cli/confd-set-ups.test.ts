import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { confd } from "../../cli/commands/confd.ts";
import { never } from "../../lib/base/signal.ts";
import { filesBelow, install, setUps } from "../compat/confd/set-ups.ts";
import { throwAwayFolder } from "../support/process.ts";
import { testWorld } from "./test-world.ts";

for (const setUp of setUps) {
  test(`the files of ${setUp.name} are those of Go's text/template`, async (t) => {
    const folder = await throwAwayFolder(t);
    await install(setUp, folder);
    const { world, err } = testWorld(folder);
    const args = ["-onetime", "-sync-only", "-confdir", folder, ...setUp.keysAt(folder)];
    const code = await confd(args, { ...world, env: setUp.env }, never);
    assert.equal(code, 0, err());
    const expected = await filesBelow(join(setUp.folder, "expected"));
    assert.deepEqual(await filesBelow(join(folder, "root")), expected);
    for (const file of expected) {
      const [text, wanted] = await Promise.all([
        readFile(join(folder, "root", file), "utf8"),
        readFile(join(setUp.folder, "expected", file), "utf8"),
      ]);
      assert.equal(text, wanted, file);
    }
  });
}

test("a resource has its mode", async (t) => {
  const folder = await throwAwayFolder(t);
  const setUp = setUps.find(({ name }) => name === "env-file");
  assert.ok(setUp);
  await install(setUp, folder);
  const { world } = testWorld(folder);
  const args = ["-onetime", "-sync-only", "-confdir", folder, ...setUp.keysAt(folder)];
  assert.equal(await confd(args, world, never), 0);
  const { mode } = await stat(join(folder, "root/etc/app/app.env"));
  assert.equal(mode & 0o777, 0o600);
});
