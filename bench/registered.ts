import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Running } from "../test/support/process.ts";

/**
 * When a presence agent said that the store has a first key of its own, and when it said so of the last of
 * `count`; in performance.now(). The store is not asked: counting many keys keeps it from writing them.
 */
export async function announced(
  agent: Running,
  count: number,
): Promise<{ readonly firstMs: number; readonly lastMs: number }> {
  if (!agent.child.stderr) throw new Error("what it logs is not to be had");
  const log = createInterface(agent.child.stderr);
  let [firstMs, left] = [Number.NaN, count];
  log.on("line", (line) => {
    if (!line.includes('"event":"registered"')) return;
    if (left === count) firstMs = performance.now();
    left -= 1;
    if (left === 0) log.close();
  });
  await once(log, "close");
  if (left > 0) throw new Error(`${left} keys were not announced:\n${agent.output().slice(-2000)}`);
  return { firstMs, lastMs: performance.now() };
}
