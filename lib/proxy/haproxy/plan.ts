import type { Change } from "../contract.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import type { Servers } from "./section.ts";
import type { Server } from "./server-line.ts";

/** The pools of all files, by name. */
export type Pools = ReadonlyMap<string, Servers>;

/** How to make a running haproxy use the new texts. */
export type Plan = AdjustPlan | ReloadPlan;

/** The texts differ in nothing but servers, which can be added, changed and removed at run time. */
export interface AdjustPlan {
  /** `none` if the texts mean the same to haproxy. */
  readonly kind: "none" | "adjust";
  readonly loaded: Pools;
  readonly desired: Pools;
  /** The desired ones that differ from the loaded ones. */
  readonly touched: Pools;
  /** As `pool/server`. */
  readonly changed: readonly string[];
}

/** The change cannot be made at run time. */
export interface ReloadPlan {
  readonly kind: "reload";
  /** For the log; undefined if it is not known which texts haproxy runs with. */
  readonly reason: string | undefined;
}

/** Above this number of changed servers, a reload is faster than commands. */
const maxChanges = 2000;

/**
 * Compares the texts alone, independently of templates. `read` parses a text, of which another version has been read. Pools of the
 * two that are the same objects are not compared.
 */
export function plan({ files }: Change, read = readConfiguration): Plan {
  const [before, after]: [Configuration[], Configuration[]] = [[], []];
  for (const { loaded, desired } of files) {
    if (loaded === undefined) return reload(undefined);
    const known = read(loaded);
    before.push(known);
    after.push(read(desired, known));
  }
  if (before.some(({ rest }, i) => !isSameRest(rest, after[i]?.rest ?? []))) {
    return reload("more than servers changed");
  }
  const [loaded, desired] = [mergePools(before), mergePools(after)];
  const found = comparePools(loaded, desired);
  if ("reason" in found) return found;
  const { changed, touched } = found;
  if (changed.length > maxChanges) return reload(`${changed.length} servers changed`);
  return { kind: changed.length === 0 ? "none" : "adjust", loaded, desired, touched, changed };
}

function comparePools(
  loaded: Pools,
  desired: Pools,
): Pick<AdjustPlan, "touched" | "changed"> | ReloadPlan {
  const changed: string[] = [];
  const touched = new Map<string, Servers>();
  for (const [pool, servers] of desired) {
    const known = loaded.get(pool) ?? emptyServers;
    if (known === servers) continue;
    const names = changedNames(known, servers);
    if (names.length > 0) touched.set(pool, servers);
    for (const name of names) {
      const reason = reloadReason(known.get(name), servers.get(name));
      if (reason !== undefined) return reload(`${pool}/${name} ${reason}`);
      changed.push(`${pool}/${name}`);
    }
  }
  return { changed, touched };
}

const emptyServers: Servers = new Map();

function reload(reason: string | undefined): ReloadPlan {
  return { kind: "reload", reason };
}

export function mergePools(configurations: readonly Configuration[]): Pools {
  return new Map(configurations.flatMap(({ pools }) => [...pools]));
}

/** The parts of sections that have not changed are the same strings, which takes no time to see. */
function isSameRest(before: Configuration["rest"], after: Configuration["rest"]): boolean {
  return before.length === after.length && before.every((part, i) => part === after[i]);
}

function changedNames(before: Servers, after: Servers): readonly string[] {
  const removed = [...before.keys()].filter((name) => !after.has(name));
  const different = [...after].filter(([name, server]) => !isSame(before.get(name), server));
  return [...removed, ...different.map(([name]) => name)];
}

function isSame(before: Server | undefined, after: Server): boolean {
  if (before === after) return true;
  return (
    before?.settings === after.settings &&
    before.weight === after.weight &&
    before.disabled === after.disabled
  );
}

/**
 * Why this change needs a reload; undefined if it does not. The address of a server never changes at run time: clients
 * that keep their connection would stay with the old address.
 */
function reloadReason(before: Server | undefined, after: Server | undefined): string | undefined {
  if (!after) return undefined;
  if (!before) return after.address ? undefined : "is not an IP address and a port";
  return before.settings === after.settings ? undefined : "has another address or other options";
}
