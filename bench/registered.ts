import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Running } from "../test/support/process.ts";

/**
 * The times at which a presence agent logged the first and the last of `count` registered keys, as of performance.now().
 * The store is not queried: counting many keys would slow down its writes.
 */
export async function registered(
  agent: Running,
  count: number,
): Promise<{ readonly firstMs: number; readonly lastMs: number }> {
  if (!agent.child.stderr) throw new Error("its standard error is not piped");
  const log = createInterface(agent.child.stderr);
  let [firstMs, left] = [Number.NaN, count];
  log.on("line", (line) => {
    if (!line.includes('"event":"registered"')) return;
    if (left === count) firstMs = performance.now();
    left -= 1;
    if (left === 0) log.close();
  });
  await once(log, "close");
  if (left > 0)
    throw new Error(`${left} keys were not registered:\n${agent.output().slice(-2000)}`);
  return { firstMs, lastMs: performance.now() };
}
