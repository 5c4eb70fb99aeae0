/**
 * Many keys: written by a presence agent and listed by a watcher; and followed, in different numbers.
 *
 *   npm run bench:load                             everything
 *   npm run bench:load -- etcd                     only with etcd (or ZooKeeper)
 *   npm run bench:load -- --instances 2000         fewer instances for the agents
 *   npm run bench:load -- --checked                each of them with a tcp check that succeeds
 *   npm run bench:load -- --keys 1000,10000        other numbers of followed keys
 *   npm run bench:load -- --puts 50 --repeat 1     fewer puts for each number of keys, and one run only
 *
 * First table: the built program as an operator runs it, with 20 instances in each service. The floor is the same number
 * of puts on one lease or session by the plain library of the store, with the same concurrency, in the same run. With
 * checks, the keys wait for the first round of checks, which is spread over 30 s.
 *
 * Second table: lib/keyspace/follow.ts in a process of its own, and the plain library of the store in another. The floor
 * of the first snapshot is to read every key once without keeping it; the floor of a change is the plain watch event of
 * the same put. CPU time is that of each whole process, after a thousand changes that do not count. Heap bytes per key
 * are only meaningful for many keys: they include the heap that does not depend on the keys.
 *
 * Compare the ratios to the floor, which are ratios of medians except for CPU time, and the growth with the number of
 * keys: absolute times depend on the machine. The ratio of CPU time shows that the work for a change does not depend on
 * the number of keys.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { type AgentsFigures, agentsLoad } from "./agents-load.ts";
import { agentsTable } from "./agents-table.ts";
import { type FollowFigures, followLoad } from "./follow-load.ts";
import { followTable } from "./follow-table.ts";
import { stores } from "./stores.ts";

const { values: options, positionals } = parseArgs({
  options: {
    instances: { type: "string", default: "10000" },
    checked: { type: "boolean", default: false },
    keys: { type: "string", default: "1000,10000,100000" },
    puts: { type: "string", default: "200" },
    repeat: { type: "string", default: "3" },
  },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(stores);
const instances = Number(options.instances);
const { checked } = options;
const puts = Number(options.puts);
const repeat = Number(options.repeat);

// In memory if possible, so that the disk is not measured.
if (existsSync("/dev/shm")) process.env.TMPDIR = "/dev/shm";

const agents = new Map<string, AgentsFigures[]>();
for (let run = 0; run < repeat; run += 1) {
  for (const name of names) {
    const figures = await agentsLoad(name, { instances, checked });
    agents.set(name, [...(agents.get(name) ?? []), figures]);
  }
}
console.log(
  `${agentsTable(`${instances} instances${checked ? ", each with a check" : ""}`, agents)}\n`,
);

const followed: FollowFigures[] = [];
for (const name of names) {
  for (const keys of options.keys.split(",").map(Number)) {
    followed.push(await followLoad(name, { keys, puts, loads: repeat }));
  }
}
console.log(followTable(followed));
