/**
 * Replaces instances one after the other, under load, without a sleep: the new one is started, `sidekick wait --served`,
 * `sidekick drain --wait` of the old one, which is stopped then.
 *
 *   npm run bench:rolling -- [instances, 10]
 */
import { test } from "node:test";
import { rollingUpdate, type Step } from "../test/real/rolling-update.ts";
import { median } from "./figures.ts";

const count = Number(process.argv[2] ?? 10);
const steps: readonly Step[] = ["start", "served", "drain", "stop"];

for (const proxy of ["haproxy", "nginx"] as const) {
  test(`${proxy}: ${count} instances are replaced`, async (t) => {
    const { answered, failures, tookMs } = await rollingUpdate(t, proxy, count);
    t.diagnostic(`requests: ${answered + failures.length} sent, ${failures.length} failed`);
    for (const failure of new Set(failures)) t.diagnostic(`failed: ${failure}`);
    for (const step of steps) {
      const [middle, longest] = [median(tookMs[step]), Math.max(...tookMs[step])].map(Math.round);
      t.diagnostic(`${step}: ${middle} ms (median), ${longest} ms at most`);
    }
  });
}
