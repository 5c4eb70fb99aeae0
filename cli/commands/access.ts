import { etcdCommands } from "../../lib/keyspace/rights/etcd.ts";
import { agentRights, watcherRights } from "../../lib/keyspace/rights/rights.ts";
import { zookeeperCommands } from "../../lib/keyspace/rights/zookeeper.ts";
import { folderOf } from "../../lib/model/entry.ts";
import { isServiceName } from "../../lib/model/names.ts";
import { printJson } from "../print-json.ts";
import type { World } from "../world.ts";

/** What to print the commands for. */
export interface AccessOptions {
  readonly store: "etcd" | "zookeeper";
  readonly user: string;
  readonly services: readonly string[];
  readonly watcher: boolean;
  readonly prefix: string;
  readonly passwordFile?: string;
  readonly json: boolean;
}

/** Names and paths that no shell and no zkCli.sh takes for anything else. */
const isPlain = (text: string) => /^[\w@.:/-]+$/.test(text) && !text.startsWith("-");

/** Prints the commands that give a user of a store its rights. Returns why the options are wrong, having printed nothing. */
export function access(options: AccessOptions, world: World): string | undefined {
  const { store, user, services, watcher, json } = options;
  const prefix = folderOf(options.prefix);
  const passwordFile = options.passwordFile ?? `${user}.password`;
  const problem = problemOf({ ...options, prefix, passwordFile });
  if (problem !== undefined) return problem;
  const rights = (watcher ? watcherRights : agentRights)({ prefix, services });
  if (json) {
    printJson({ user, rights }, world);
    return undefined;
  }
  const role = `sidekick-${user}${watcher ? "-watcher" : ""}`;
  const commandsOf = { etcd: etcdCommands, zookeeper: zookeeperCommands }[store];
  const lines = commandsOf(rights, { name: user, passwordFile, role });
  world.out.write(`${lines.join("\n")}\n`);
  return undefined;
}

function problemOf(options: AccessOptions & { readonly passwordFile: string }): string | undefined {
  const { user, services, watcher, prefix, passwordFile } = options;
  if (!/^\w[\w@.-]*$/.test(user)) return `--user ${user}: expected letters, digits and _ @ . -`;
  const service = services.find((name) => !isServiceName(name) || name.startsWith("-"));
  if (service !== undefined) return `--service ${service}: expected the name of a service`;
  const path = [prefix, passwordFile].find((one) => one !== "" && !isPlain(one));
  if (path !== undefined) return `${path}: expected a path of letters, digits and _ @ . : - /`;
  if (!watcher && services.length === 0) return "missing --service for an agent, or --watcher";
  return undefined;
}
