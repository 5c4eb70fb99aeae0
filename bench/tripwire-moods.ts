/**
 * False alarms of the tripwire: servers that close idle connections, restart, refuse and accept, each registered by an agent with
 * tripwire and by one with checks alone. A false alarm is a server that became unhealthy although it listened all the time.
 *
 *   node bench/tripwire-moods.ts --minutes 10
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { main } from "../test/real/sidekick.ts";
import { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, start, throwAwayFolder } from "../test/support/process.ts";
import { type Moody, moods, startMoody } from "./moods.ts";
import { startStore } from "./stores.ts";

const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, count: { type: "string", default: "10" } },
});

/** How far back a bad reading may lie that made a server unhealthy, in milliseconds: `fall` intervals, and a busy machine. */
const agents = {
  "with tripwire": { more: { tripwire: true }, backMs: 10_000 },
  "checks alone": { more: { tripwire: false }, backMs: 10_000 },
};
/** The same for a server that became unhealthy because it refused a connection when checked at once. */
const atOnceMs = 1000;

interface Line {
  readonly time: string;
  readonly event: string;
  readonly id: string;
  readonly verdict?: string;
  readonly why?: string;
}

function linesOf(output: string): readonly Line[] {
  return output.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

/** What an agent concluded of the servers of a mood. */
function row(
  mood: string,
  servers: readonly Moody[],
  agent: keyof typeof agents,
  lines: readonly Line[],
) {
  const own = new Map(
    servers.filter((one) => one.mood === mood).map((one) => [`web/${one.port}`, one]),
  );
  const ofMood = lines.filter(({ id }) => own.has(id));
  const triggered = ofMood.filter(({ event }) => event === "check_triggered");
  const down = ofMood.filter(
    ({ event, verdict }) => event === "health_changed" && verdict === "down",
  );
  const atOnce = down.filter(({ why }) => why?.includes("checked at once"));
  const isFalse = (line: Line) => {
    const atMs = Date.parse(line.time);
    const backMs = atOnce.includes(line) ? atOnceMs : agents[agent].backMs;
    return own.get(line.id)?.listened(atMs - backMs, atMs + 1);
  };
  return [mood, agent, triggered.length, down.length, atOnce.length, down.filter(isFalse).length];
}

await using scope = new CleanupScope();
const { url } = await startStore("etcd", scope);
const folder = await throwAwayFolder(scope);
const ending = new AbortController();
scope.after(() => ending.abort());
const servers = await startMoody(Number(options.count), ending.signal);
const running = new Map<keyof typeof agents, ReturnType<typeof start>>();
for (const [i, name] of (Object.keys(agents) as (keyof typeof agents)[]).entries()) {
  const services = servers.map(({ type, port }) => ({
    ...{ name: "web", id: String(port), host: "127.0.0.1", port },
    checks: [{ type, interval: "2s", timeout: "10s", fall: 2, ...agents[name].more }],
  }));
  const config = { log: "debug", keyspace: url, presence: { prefix: `/${i}`, services } };
  const file = join(folder, `${i}.json`);
  await writeFile(file, JSON.stringify(config));
  const env = { RUNTIME_DIRECTORY: folder, STATE_DIRECTORY: folder };
  running.set(name, start(scope, [...main, "presence", "-c", file], { env }));
}
await eventually("the agents check", () =>
  [...running.values()].every((agent) => agent.output().includes("health_changed")),
);
await delay(Number(options.minutes) * 60_000);
console.log("| servers | agent | checked at once | unhealthy | of these at once | false alarms |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const mood of Object.keys(moods)) {
  for (const [name, agent] of running) {
    console.log(`| ${row(mood, servers, name, linesOf(agent.output())).join(" | ")} |`);
  }
}
