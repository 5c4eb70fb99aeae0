import { addressOf, serverNameOf } from "./server-name.ts";
import { expand, optionsProblem } from "./server-options.ts";
import type { HaproxyService, HaproxySettings, SynapseServer } from "./settings.ts";

/** The state that a file has: its servers with their numbers, by service and by name. */
export type Remembered = ReadonlyMap<string, ReadonlyMap<string, RememberedServer>>;

export interface RememberedServer {
  readonly server: SynapseServer;
  /** The number in haproxy; undefined if it has none. */
  readonly id: number | undefined;
  /** When it was last in use. */
  readonly seenAtMs: number;
}

export const nothingRemembered: Remembered = new Map();

/**
 * Reads the state from the text of the file at `nowMs`. A server that is disabled keeps the time at which it was last in
 * use, as far as `before` has it. Lines in another form than the generator's are not servers of it.
 */
export function rememberedIn(
  text: string,
  settings: HaproxySettings,
  nowMs: number,
  before: Remembered = nothingRemembered,
): Remembered {
  const pools = poolsIn(text);
  const found = settings.services.flatMap((service) => {
    const lines = pools.get(service.poolName) ?? [];
    const seen = before.get(service.name);
    const servers = lines.flatMap((line) => serverIn(line, service, settings, nowMs, seen));
    return servers.length === 0 ? [] : [[service.name, new Map(servers)] as const];
  });
  return new Map(found);
}

/** The `server` lines of each pool. */
function poolsIn(text: string): ReadonlyMap<string, readonly string[]> {
  const pools = new Map<string, string[]>();
  let lines: string[] | undefined;
  for (const line of text.split("\n")) {
    if (/^\S/.test(line)) {
      const [keyword, pool = ""] = line.split(/\s+/);
      lines = keyword === "backend" ? [] : undefined;
      if (lines) pools.set(pool, lines);
    } else if (line.startsWith("\tserver ")) {
      lines?.push(line);
    }
  }
  return pools;
}

type Named = readonly [name: string, server: RememberedServer];

function serverIn(
  line: string,
  service: HaproxyService,
  { writesWeights }: HaproxySettings,
  nowMs: number,
  seen: ReadonlyMap<string, RememberedServer> | undefined,
): readonly Named[] {
  const [, name = "", address = "", id, rest = ""] = serverLine.exec(line) ?? [];
  const server = addressIn(name, address);
  if (!server) return [];
  const isDisabled = rest.endsWith(" disabled");
  const known = seen?.get(name);
  const seenAtMs = isDisabled && known ? known.seenAtMs : nowMs;
  const weight = writesWeights ? / weight (\d+)(?: disabled)?$/.exec(rest)?.[1] : undefined;
  const own = ownOptions(rest, server, service);
  const remembered: RememberedServer = {
    server: {
      ...server,
      ...(own && { options: own }),
      ...(weight !== undefined && { weight: Number(weight) }),
    },
    id: id === undefined ? undefined : Number(id),
    seenAtMs,
  };
  return [[name, remembered]];
}

const serverLine = /^\tserver (\S+) (\S+)(?: id (\d+))?(?: cookie \S+)?(.*)$/;

/** The host, port and name of a server; undefined if its name is not one that the generator gives. */
function addressIn(name: string, address: string): SynapseServer | undefined {
  const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  const bare: SynapseServer = { host, port: Number(port) };
  const suffix = `_${serverNameOf(bare)}`;
  const server = name.endsWith(suffix) ? { ...bare, name: name.slice(0, -suffix.length) } : bare;
  return serverNameOf(server) === name && addressOf(server) === address ? server : undefined;
}

/** The options that follow those of the service: the entry's own ones. */
function ownOptions(
  rest: string,
  server: SynapseServer,
  { serverOptions }: HaproxyService,
): string | undefined {
  const common = serverOptions === undefined ? "" : ` ${expand(serverOptions, server)}`;
  if (!rest.startsWith(common)) return undefined;
  const own = rest.slice(common.length).replace(/ disabled$/, "");
  const options = own.replace(/ weight \d+$/, "").trim();
  return options !== "" && optionsProblem(options) === undefined ? options : undefined;
}
