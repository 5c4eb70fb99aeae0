/**
 * Many keys: written by a presence agent and listed by a watcher; and followed, from few to very many.
 *
 *   npm run bench:load                             all of it
 *   npm run bench:load -- etcd                     only with etcd (or ZooKeeper)
 *   npm run bench:load -- --instances 2000         fewer instances for the agents
 *   npm run bench:load -- --checked                each of them with a tcp check that finds it well
 *   npm run bench:load -- --keys 1000,10000        other numbers of keys to be followed
 *   npm run bench:load -- --puts 50 --repeat 1     fewer puts for each number of keys, and all else only once
 *
 * First table: the built program as an operator runs it, with 20 instances in each service. The floor is the
 * same puts on one lease or session by the store's bare library, with as many under way, in the same run. With
 * checks it is their first round, spread over 30 s, that the keys wait for.
 *
 * Second table: lib/keyspace/follow.ts in a process of its own, and the store's bare library in another. The
 * floor of the first snapshot is to read every key once and keep none; the floor of a change is the bare watch
 * event of the same put. Processor time is that of each whole process, after a thousand changes that do not
 * count. What the heap keeps for each key means something where there are many: it contains all that is kept
 * once.
 *
 * Ratios to the floor are what to compare, all of medians but that of processor time, and how a column grows
 * with the number of keys: absolute times are those of the machine. That the work for a change does not depend
 * on the number of keys is to be seen in the ratio of processor time.
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

// In memory where there is such a folder, so that the disk's own time is not what is measured.
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
