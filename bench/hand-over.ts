/**
 * Replaces the agent of an instance again and again, under load: the new one is started, and the old one stopped.
 *
 *   npm run bench:handover -- [rounds, 100]
 */
import { test } from "node:test";
import { handOverUnderLoad } from "../test/real/hand-over-under-load.ts";
import { median } from "./figures.ts";

const rounds = Number(process.argv[2] ?? 100);

for (const store of ["etcd", "zookeeper"] as const) {
  test(`${store}: ${rounds} hand-overs`, async (t) => {
    const { answered, failures, gaps, reads, owners, tookMs } = await handOverUnderLoad(
      t,
      store,
      rounds,
    );
    t.diagnostic(`requests: ${answered + failures.length} sent, ${failures.length} failed`);
    t.diagnostic(
      `the entry was read ${reads} times and watched: ${gaps.length} × absent or weight 0`,
    );
    t.diagnostic(`${owners} sessions have held it, one after the other`);
    t.diagnostic(`an agent stopped within ${Math.round(median(tookMs))} ms (median)`);
    t.diagnostic(`and ${Math.round(Math.max(...tookMs))} ms at most`);
  });
}
