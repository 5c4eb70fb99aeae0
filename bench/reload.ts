/**
 * Reloads the configuration of an agent again and again, under load: it grows, shrinks, is invalid, and has another TTL.
 *
 *   npm run bench:reload -- [rounds, 200]
 */
import { test } from "node:test";
import { reloadUnderLoad } from "../test/real/reload-under-load.ts";

const rounds = Number(process.argv[2] ?? 200);

test(`${rounds} reloads`, async (t) => {
  const { answered, failures, gaps, reads, owners, reloaded, refused, rssMb, proxyReloads } =
    await reloadUnderLoad(t, rounds);
  t.diagnostic(`${reloaded} reloaded, ${refused} refused; haproxy was reloaded ${proxyReloads} ×`);
  t.diagnostic(`requests: ${answered + failures.length} sent, ${failures.length} failed`);
  t.diagnostic(
    `the entry was read ${reads} times and watched: ${gaps.length} × absent or weight 0; ${owners} sessions have held it`,
  );
  const [early, late] = rssMb.map((mb) => mb.toFixed(1));
  t.diagnostic(
    `memory of the agent: ${early} MB after a tenth of the reloads, ${late} MB at the end`,
  );
});
