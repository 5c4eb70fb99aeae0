/**
 * Slow start: the share of requests that a new server gets over time, against Envoy's formula, for each kind of proxy that changes
 * weights at run time.
 *
 *   npm run build && node bench/policies.ts                  a window of 60s
 *   npm run build && node bench/policies.ts --window 20      another one, in seconds
 *
 * Three servers are there, a fourth one is registered; requests are sent one after the other on new connections, and counted by the
 * server that answers. The formula gives the weight of the fourth server, relative to the others: max(10 %, time / window), which makes a
 * share of weight / (3 + weight). Each row covers the requests since the row before, of which the middle is its time.
 */
import { parseArgs } from "node:util";
import { kinds, policiesScene } from "../test/real/policies-scene.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually } from "../test/support/process.ts";
import { monotonicMs } from "./monotonic.ts";

const { values } = parseArgs({ options: { window: { type: "string", default: "60" } } });
const windowMs = Number(values.window) * 1000;

const rows = 12;

for (const [name, kind] of Object.entries(kinds)) {
  await using scope = new CleanupScope();
  const policies = { slowStart: { window: `${values.window}s` } };
  const scene = await policiesScene(scope, kind, policies);
  for (const n of [2, 3, 4]) await scene.put(n, "a");
  await scene.watchOnce();
  const { process } = await scene.start();
  const watcher = scene.watch();
  const applied = () => [...watcher.output().matchAll(/"applied":"(\w+)/g)].map(([, how]) => how);
  await eventually("it is in sync", () => applied().length > 0);
  const before = await process();
  await scene.put(5, "a");
  await eventually("the new one is there", async () => /127\.0\.0\.5:/.test(await scene.text()));
  const startMs = monotonicMs();
  console.log(`${name}, window ${values.window}s`);
  console.log("| time | requests | formula | measured |");
  console.log("| ---: | ---: | ---: | ---: |");
  let widest = 0;
  for (let row = 0; row <= rows; row += 1) {
    const fromMs = monotonicMs() - startMs;
    const untilMs = ((row + 1) * windowMs) / rows;
    let [count, found] = [0, 0];
    while (monotonicMs() - startMs < untilMs) {
      found += 40 * (await scene.share(5, 40));
      count += 40;
    }
    const middleMs = (fromMs + monotonicMs() - startMs) / 2;
    const weight = Math.min(1, Math.max(0.1, middleMs / windowMs));
    const [formula, measured] = [weight / (3 + weight), found / count];
    widest = Math.max(widest, Math.abs(formula - measured));
    const [at, wanted, got] = [
      `${(middleMs / 1000).toFixed(1)}s`,
      percent(formula),
      percent(measured),
    ];
    console.log(`| ${at} | ${count} | ${wanted} | ${got} |`);
  }
  const [, ...changes] = applied();
  const reloads = changes.filter((how) => how === "reloaded").length;
  const isSame = (await process()) === before;
  console.log(
    `widest difference ${percent(widest)}; ${changes.length} changes at run time, ${reloads} reloads, ${isSame ? "the same" : "another"} process`,
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
