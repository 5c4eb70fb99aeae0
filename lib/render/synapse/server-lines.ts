import { createHash } from "node:crypto";
import type { Omission } from "../contract.ts";
import type { RememberedServer } from "./remembered.ts";
import { assignIds } from "./server-ids.ts";
import { addressOf, serverNameOf, serverNameProblem } from "./server-name.ts";
import { expand, idIn, optionsProblem, withoutId, withoutWeight } from "./server-options.ts";
import { byBytes, ordered } from "./server-order.ts";
import type { HaproxyService, HaproxySettings, SynapseServer } from "./settings.ts";

export interface ServerLines {
  readonly lines: readonly string[];
  readonly omitted: readonly Omission[];
}

interface Line {
  readonly server: SynapseServer;
  readonly ownId: number | undefined;
  readonly isDisabled: boolean;
}

/** The `server` lines of a pool; `poolLines` are its other ones. */
export function serverLines(
  service: HaproxyService,
  settings: HaproxySettings,
  poolLines: readonly string[],
  servers: readonly SynapseServer[],
  remembered: ReadonlyMap<string, RememberedServer>,
  nowMs: number,
): ServerLines {
  const { usable, omitted } = usableServers(service, servers);
  const lines = new Map<string, Line>();
  for (const server of usable) {
    const ownId = idIn(server.options) ?? server.haproxyId;
    lines.set(serverNameOf(server), { server, ownId, isDisabled: false });
  }
  for (const [name, line] of stillKept(settings, remembered, nowMs)) {
    if (!lines.has(name)) lines.set(name, line);
  }
  const known = knownIds(remembered);
  const ids = assignIds(lines, known, settings.maxServerId);
  const hasCookies = !poolLines.includes("mode tcp");
  // With servers that are gone among them, numbers are the order in which all of them appeared.
  const keepsGone = settings.keepsGoneMs !== undefined;
  const found = keepsGone ? byId([...lines.keys()], ids) : [...lines.keys()];
  const names = ordered(found, service.order, settings.orderSeed);
  const written = names.flatMap((name) => {
    const line = lines.get(name);
    return line ? [lineOf(name, line, ids.get(name), service, settings, hasCookies)] : [];
  });
  return { lines: written, omitted };
}

/** The servers that can stand in the file, without options that an entry must not set. */
function usableServers(service: HaproxyService, servers: readonly SynapseServer[]) {
  const [usable, omitted]: [SynapseServer[], Omission[]] = [[], []];
  for (const server of servers) {
    const problem = serverNameProblem(server);
    const optionsWhy = server.options === undefined ? undefined : optionsProblem(server.options);
    const why = problem ?? optionsWhy;
    const subject = `${service.name}/${serverNameOf(server)}`;
    if (why) omitted.push({ subject, why, isPartial: !problem });
    const { options: _, ...plain } = server;
    if (!problem) usable.push(optionsWhy ? plain : server);
  }
  return { usable, omitted };
}

/** The servers of the previous text, disabled, unless they have been gone for too long. */
function* stillKept(
  { keepsGoneMs }: HaproxySettings,
  remembered: ReadonlyMap<string, RememberedServer>,
  nowMs: number,
): Generator<[string, Line]> {
  if (keepsGoneMs === undefined) return;
  for (const [name, { server, seenAtMs }] of remembered) {
    if (nowMs - seenAtMs > keepsGoneMs) continue;
    yield [name, { server, ownId: idIn(server.options), isDisabled: true }];
  }
}

function byId(names: readonly string[], ids: ReadonlyMap<string, number>): readonly string[] {
  const idOf = (name: string) => ids.get(name) ?? Number.MAX_SAFE_INTEGER;
  return names.toSorted((a, b) => idOf(a) - idOf(b) || byBytes(a, b));
}

function knownIds(remembered: ReadonlyMap<string, RememberedServer>): ReadonlyMap<string, number> {
  const known = [...remembered].flatMap(([name, { id, server }]) => {
    const number = id ?? idIn(server.options);
    return number === undefined ? [] : [[name, number] as const];
  });
  return new Map(known);
}

function lineOf(
  name: string,
  { server, ownId, isDisabled }: Line,
  id: number | undefined,
  { cookie, serverOptions }: HaproxyService,
  { writesWeights }: HaproxySettings,
  hasCookie: boolean,
): string {
  // Another server has the number that this one asks for.
  const isRefused = idIn(server.options) !== undefined && ownId !== id;
  const own = isRefused ? withoutId(server.options ?? "") || undefined : server.options;
  const common = serverOptions === undefined ? undefined : expand(serverOptions, server);
  const { weight } = server;
  const hasWeight = weight !== undefined && (writesWeights || weight === 0);
  const options = [common, own]
    .filter((text) => text !== undefined)
    .map((text) => (hasWeight ? withoutWeight(text) : text));
  const words = [
    `\tserver ${name} ${addressOf(server)}`,
    ...(id !== undefined && idIn(own) === undefined ? [`id ${id}`] : []),
    ...(hasCookie ? [`cookie ${cookie === "hash" ? sha1(name) : name}`] : []),
    ...options,
  ];
  const line = words.join(" ");
  const weighted = hasWeight ? `${line} weight ${weight}`.replace(/ +/g, " ") : line;
  return isDisabled ? `${weighted} disabled` : weighted;
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
