import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../support/process.ts";
import { root } from "../support/sources.ts";

/**
 * Handles its signals once Node.js has received one, is then busy for longer than all waits for the debugger together,
 * and ends when the debugger has stayed closed.
 */
const slowStart = `
import { url } from "node:inspector";
import { setTimeout as delay } from "node:timers/promises";
import { handleSignals } from ${JSON.stringify(join(root, "cli/signals.ts"))};
process.kill(process.pid, "SIGUSR1");
handleSignals("", () => process.exit(1));
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
const startMs = performance.now();
let closed = 0;
while (closed < 30) {
  await delay(10);
  closed = url() === undefined ? closed + 1 : 0;
  if (performance.now() > startMs + 30_000) throw new Error("the debugger is still open");
}
`;

test("the debugger that a SIGUSR1 opens is closed, however slowly the program starts", async () => {
  // A port of its own: at the usual one, a debugger of another program would keep this one from opening.
  const argv = [process.execPath, "--inspect-port=0", "--input-type=module", "-e", slowStart];
  const { code, output } = await run(argv);
  assert.match(output, /Debugger listening/);
  assert.equal(code, 0, output);
});
