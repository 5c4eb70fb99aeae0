import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { run } from "../../lib/base/exec.ts";
import { never } from "../../lib/base/signal.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";

const python = `
import os, sys, time
if os.fork(): sys.exit(0)
for i in range(40):
    OUTPUT.write("x" * 1000 + "\\n"); OUTPUT.flush()
    open("count", "w").write(str(i + 1))
    time.sleep(0.02)
`;

const shell = (redirection: string) =>
  `(i=0; while [ $i -lt 40 ]; do echo line ${redirection}; i=$((i + 1)); echo $i >count; sleep 0.02; done) &`;

/** Programs that a command leaves behind, and that count how many lines they have printed. */
const programs: Readonly<Record<string, readonly string[]>> = {
  "a shell": ["sh", "-c", shell("")],
  "a shell that prints to standard error": ["sh", "-c", shell(">&2")],
  "a shell in a session of its own": ["setsid", "sh", "-c", `${shell("")}`],
  "a python program": ["python3", "-c", python.replaceAll("OUTPUT", "sys.stdout")],
  "a python program that prints to standard error only": [
    ...["python3", "-c", `import os; os.close(1)\n${python.replaceAll("OUTPUT", "sys.stderr")}`],
  ],
};

async function counted(t: TestContext, argv: readonly string[]): Promise<void> {
  const cwd = await throwAwayFolder(t);
  const { ok } = await run({ argv, timeoutMs: 10_000, cwd }, systemClock, never);
  assert.equal(ok, true);
  await eventually(
    "all lines are printed",
    async () => (await readFile(join(cwd, "count"), "utf8")).trim() === "40",
    20_000,
  );
}

for (const [name, argv] of Object.entries(programs)) {
  test(`${name} that a command leaves behind goes on printing`, (t) => counted(t, argv));
}
