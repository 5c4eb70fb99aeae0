import type { Change } from "../contract.ts";
import { type Configuration, readConfiguration, type Servers } from "./configuration.ts";
import type { Server } from "./server-line.ts";

/** The pools of all files together, by name. */
export type Pools = ReadonlyMap<string, Servers>;

/** How a running haproxy is made to serve other texts. */
export type Plan = ByCommands | Reload;

/** The texts differ in nothing but servers that the running process can be given, or told to do without. */
export interface ByCommands {
  /** None where the texts say the same to haproxy. */
  readonly kind: "none" | "adjust";
  readonly loaded: Pools;
  readonly wanted: Pools;
  /** As `pool/server`. */
  readonly changed: readonly string[];
}

/** The texts cannot be told to a running process. */
export interface Reload {
  readonly kind: "reload";
  /** For people; undefined where it is not known what was served before. */
  readonly reason: string | undefined;
}

/** Beyond so many changes, a reload is quicker than as many commands. */
const mostChanges = 2000;

/** Decides from the texts alone, whatever template they were made by; `read` is what reads a text. */
export function plan({ files }: Change, read = readConfiguration): Plan {
  const [before, after]: [Configuration[], Configuration[]] = [[], []];
  for (const { loaded, wanted } of files) {
    if (loaded === undefined) return reload(undefined);
    before.push(read(loaded));
    after.push(read(wanted));
  }
  if (before.some(({ rest }, i) => rest !== after[i]?.rest))
    return reload("more than servers changed");
  const [loaded, wanted] = [together(before), together(after)];
  const changed: string[] = [];
  for (const [pool, servers] of wanted) {
    const had = loaded.get(pool) ?? none;
    for (const name of changedIn(had, servers)) {
      const reason = obstacle(had.get(name), servers.get(name));
      if (reason !== undefined) return reload(`${pool}/${name} ${reason}`);
      changed.push(`${pool}/${name}`);
    }
  }
  if (changed.length > mostChanges) return reload(`${changed.length} servers changed`);
  return { kind: changed.length === 0 ? "none" : "adjust", loaded, wanted, changed };
}

const none: Servers = new Map();

function reload(reason: string | undefined): Plan {
  return { kind: "reload", reason };
}

function together(configurations: readonly Configuration[]): Pools {
  return new Map(configurations.flatMap(({ pools }) => [...pools]));
}

function changedIn(before: Servers, after: Servers): readonly string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name));
  const other = [...after].filter(([name, server]) => !isSame(before.get(name), server));
  return [...gone, ...other.map(([name]) => name)];
}

function isSame(before: Server | undefined, after: Server): boolean {
  return (
    before?.settings === after.settings &&
    before.weight === after.weight &&
    before.disabled === after.disabled
  );
}

/**
 * Why a running process cannot be told of this change. A server that lives is never given another address:
 * clients that keep their connection would stay with the old one.
 */
function obstacle(before: Server | undefined, after: Server | undefined): string | undefined {
  if (!after) return undefined;
  if (!before) return after.address ? undefined : "is not an IP address and a port";
  return before.settings === after.settings ? undefined : "has another address or other options";
}
