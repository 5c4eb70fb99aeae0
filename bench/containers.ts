/**
 * Containers: the image, and how soon a killed container is removed from the keyspace.
 *
 *   npm run build && node bench/containers.ts
 *   node bench/containers.ts --kills 100 --starts 20 --containers 10,50      other numbers
 *
 * With an engine of its own and a real etcd. The image is built from Dockerfile, on a base image with the Node.js that
 * runs this. It is ready when /readyz answers 200: the containers have been listed. The floor is a bare HTTP server of
 * Node.js in the same image.
 *
 * The time of a kill is the request to the engine. Two agents register the same containers: one follows the engine, the
 * other checks the applications (tcp, each second, three failures in a row). The floor is the event of the engine.
 */
import { parseArgs } from "node:util";
import { startDockerEngine } from "../test/real/docker-engine.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { imageFigures } from "./container-image.ts";
import { killToGone } from "./container-kills.ts";
import { median } from "./figures.ts";

const { values: options } = parseArgs({
  options: {
    kills: { type: "string", default: "40" },
    starts: { type: "string", default: "10" },
    containers: { type: "string", default: "10,200" },
  },
});

const rows = (...lines: readonly (readonly (string | number)[])[]) =>
  console.log(lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n"));
const worst = (figures: readonly number[]) => Math.max(...figures);
const ratio = (of: number, floor: number) => (of / floor).toFixed(1);

{
  await using scope = new CleanupScope();
  const engine = await startDockerEngine(scope);
  const {
    engine: floor,
    byEvent,
    byCheck,
  } = await killToGone(scope, engine, Number(options.kills));
  console.log(`\nKilled to gone, ${floor.length} kills, ms\n`);
  rows(["", "median", "worst", "median to floor"], ["---", "---", "---", "---"]);
  for (const [name, figures] of [
    ["the engine reports it", floor],
    ["its key is removed, by event", byEvent],
    ["its key is removed, by check", byCheck],
  ] as const) {
    const [middle, most] = [median(figures), worst(figures)];
    rows([name, middle.toFixed(0), most.toFixed(0), ratio(middle, median(floor))]);
  }
}
{
  await using scope = new CleanupScope();
  const engine = await startDockerEngine(scope);
  const containers = options.containers.split(",").map(Number);
  const starts = Number(options.starts);
  const { sizeMb, baseMb, readyMs, bareMs, memory } = await imageFigures(scope, engine, {
    ...{ starts, containers },
  });
  console.log(`\nImage: ${sizeMb.toFixed(0)} MB, of which its base ${baseMb.toFixed(0)} MB\n`);
  console.log(`Start to ready, ${starts} starts, ms\n`);
  rows(
    ["", "median", "worst", "median to floor"],
    ["---", "---", "---", "---"],
    ["Node.js answers", median(bareMs).toFixed(0), worst(bareMs).toFixed(0), "1"],
    [
      ...["ready", median(readyMs).toFixed(0), worst(readyMs).toFixed(0)],
      ratio(median(readyMs), median(bareMs)),
    ],
  );
  console.log("\nMemory when idle, MB\n");
  rows(["containers", "now", "at most"], ["---", "---", "---"]);
  for (const [count, { nowMb, peakMb }] of memory) {
    rows([count, nowMb.toFixed(0), peakMb.toFixed(0)]);
  }
}
