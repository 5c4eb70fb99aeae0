/**
 * Kills instances as soon as `sidekick drain --wait` has returned, repeatedly and under load:
 *
 *   npm run build && node bench/drains.ts [rounds, 100]
 */
import { test } from "node:test";
import { drainUnderLoad } from "../test/real/drain-under-load.ts";
import { median } from "./figures.ts";

const rounds = Number(process.argv[2] ?? 100);

test(`${rounds} drains`, async (t) => {
  const { answered, failures, tookMs } = await drainUnderLoad(t, rounds);
  t.diagnostic(`requests: ${answered + failures.length} sent, ${failures.length} failed`);
  t.diagnostic(`a drain took ${Math.round(median(tookMs))} ms, at most ${Math.max(...tookMs)} ms`);
});
