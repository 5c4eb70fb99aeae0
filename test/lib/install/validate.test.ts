import assert from "node:assert/strict";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../../lib/base/clock.ts";
import { Fault } from "../../../lib/base/fault.ts";
import { never } from "../../../lib/base/signal.ts";
import { checkOutput } from "../../../lib/install/check.ts";
import { validate } from "../../../lib/install/validate.ts";
import { throwAwayFolder } from "../../support/process.ts";

const deps = { clock: systemClock };

test("a text is validated beside the target, which stays as it is", async (t) => {
  const path = join(await throwAwayFolder(t), "out");
  await writeFile(path, "before");
  await chmod(path, 0o604);
  const script = 'stat -c %a "$0"; cat "$0"; for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 1';
  const check = { run: ["sh", "-c", script, "{candidate}"], timeout: 60_000 };
  const rejected = await validate({ path, check }, "after\n", deps, never).catch(
    (error: unknown) => error,
  );
  assert.ok(rejected instanceof Fault && rejected.code === "INSTALL_CHECK_FAILED");
  const lines = [1, 2, 3, 4, 5, 6, 7].map((i) => `line ${i}`);
  assert.deepEqual(checkOutput(rejected), ["604", "after", ...lines], "with the target's mode");
  assert.doesNotMatch(rejected.message, /after/, "the fault has the last lines only");
  assert.equal(await readFile(path, "utf8"), "before");
  assert.deepEqual(await readdir(join(path, "..")), ["out"]);
});

test("a valid text passes, a target without a check command accepts every text, and neither is written", async (t) => {
  const path = join(await throwAwayFolder(t), "out");
  const check = { run: ["grep", "-q", "good", "{candidate}"], timeout: 60_000 };
  await validate({ path, check }, "good", deps, never);
  await validate({ path }, "bad", deps, never);
  await assert.rejects(validate({ path, check }, "bad", deps, never), { name: "Fault" });
  assert.deepEqual(await readdir(join(path, "..")), []);
});
