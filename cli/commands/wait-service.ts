import { Cell } from "../../lib/base/cell.ts";
import { formatDuration } from "../../lib/base/duration.ts";
import { sentence } from "../../lib/base/fault.ts";
import type { FaultReporter } from "../../lib/base/fault-reporter.ts";
import { race } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import { loadConfig } from "../../lib/config/load.ts";
import { followMounted } from "../../lib/keyspace/mounts/follow-mounted.ts";
import { type KeyspacesConfig, openMounts } from "../../lib/keyspace/mounts/open.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { emptyPools, pools } from "../../lib/view/pools.ts";
import { Sources } from "../../lib/view/sources.ts";
import { findProgram } from "../env/find-program.ts";
import { type KeyspaceOptions, keyspacesOf } from "../keyspaces-of.ts";
import type { World } from "../world.ts";

/** How many instances of a service have to take requests: a number, or a share of those that have entries. */
export type Enough = { readonly count: number } | { readonly share: number };

export interface WaitServiceOptions extends KeyspaceOptions {
  readonly services: readonly string[];
  readonly enough: Enough;
  readonly limitMs: number;
  /** The program to run then. */
  readonly program?: readonly string[] | undefined;
}

/** How often it is printed what is waited for, in milliseconds. */
const printMs = 5000;

/**
 * Waits until services of a keyspace have enough instances that take requests, and then becomes a program, if there is one. Returns 1 at
 * the limit. Throws CLI_KEYSPACE_INVALID, CLI_PROGRAM_NOT_FOUND and the faults of a configuration.
 */
export async function waitForServices(
  options: WaitServiceOptions,
  world: World,
  signal: AbortSignal,
): Promise<number> {
  const { services, program } = options;
  const executable = program && (await findProgram(program, world.env));
  const isThere = await untilThere(options, world, signal);
  if (!isThere) return 1;
  if (executable) await world.replaceProcess(executable.path, executable.argv, world.env);
  world.out.write(`${services.join(", ")} ${services.length === 1 ? "is" : "are"} there\n`);
  return 0;
}

/** False at the limit. */
async function untilThere(
  options: WaitServiceOptions,
  world: World,
  signal: AbortSignal,
): Promise<boolean> {
  const { services, enough, limitMs } = options;
  const { clock, random, err } = world;
  const { config, sources } = await placeOf(options, world);
  await using mounts = await openMounts(config, world);
  const snapshots = new Cell<Snapshot | undefined>(undefined);
  let fault = "";
  const reporter: FaultReporter = {
    report: (one) => {
      fault = `: ${sentence(one)}`;
    },
    resolved: () => {
      fault = "";
    },
  };
  const missing = () => missingOf(snapshots.value, { services, enough }, sources);
  const describe = () => `${missing().join(", ")} in ${mounts.url}${fault}`;
  const printed = async (s: AbortSignal): Promise<never> => {
    for (;;) {
      await clock.sleep(printMs, s);
      err.write(`waiting for ${describe()}\n`);
    }
  };
  const isThere = async (s: AbortSignal) => {
    await snapshots.until((value) => value !== undefined && missing().length === 0, s);
    return true;
  };
  const folders = foldersOf(services, sources);
  const follow = async (s: AbortSignal): Promise<never> => {
    await followMounted(mounts, folders, snapshots, { clock, random, reporter }, s);
    throw new Error("following a keyspace only ends with its signal");
  };
  const onTimeout = () => {
    err.write(`gave up after ${formatDuration(limitMs)}: waited for ${describe()}\n`);
    return false;
  };
  const waiting = (s: AbortSignal) => race<boolean>(s, isThere, follow, printed);
  return await withTimeout(limitMs, waiting, onTimeout, clock, signal);
}

/** The keyspace, and where services are in it: as the configuration has it, or below /services. */
async function placeOf(
  options: KeyspaceOptions,
  world: World,
): Promise<{ readonly config: KeyspacesConfig; readonly sources: Sources }> {
  const { files } = options;
  if (!files) return { config: await keyspacesOf(options, world), sources: new Sources(usual) };
  const config = await loadConfig(files, world);
  const folder = config.watch?.services ?? config.presence?.prefix ?? usual;
  return { config, sources: new Sources(folder, config.watch?.sources) };
}

const usual = "/services";

function foldersOf(services: readonly string[], sources: Sources): readonly string[] {
  return services.flatMap((name) => {
    const folders = sources.foldersOf(name);
    return folders ? folders.map(({ path }) => path) : [`${sources.folder || usual}/${name}`];
  });
}

/** The services that lack instances: `db (1 of 2 instances take requests)`. */
function missingOf(
  snapshot: Snapshot | undefined,
  { services, enough }: Pick<WaitServiceOptions, "services" | "enough">,
  sources: Sources,
): readonly string[] {
  if (!snapshot) return services;
  const { byName } = pools(emptyPools(sources), snapshot);
  return services.flatMap((name) => {
    const all = byName.get(name)?.instances ?? [];
    const taking = all.filter(({ weight }) => weight > 0).length;
    const needed =
      "count" in enough ? enough.count : Math.max(1, Math.ceil(enough.share * all.length));
    return taking >= needed ? [] : [`${name} (${taking} of ${needed} instances take requests)`];
  });
}
