import type { SynapseServer } from "./settings.ts";

/** How the servers of a service are chosen among those that were discovered. */
export interface ServerRules {
  readonly defaultServers: readonly SynapseServer[];
  /** Whether the default servers are used beside discovered ones, and not only in place of none. */
  readonly keepsDefaults: boolean;
  /** Whether the previous servers are used while none are discovered and there are no defaults. */
  readonly keepsPrevious: boolean;
  /** The port of every discovered server. */
  readonly portOverride?: number;
  /** A server has to match all of them. */
  readonly labelFilters: readonly LabelFilter[];
  /** Whether only the server with the lowest number is used. */
  readonly electsLeader: boolean;
}

export interface LabelFilter {
  readonly label: string;
  readonly value: string;
  readonly isEqual: boolean;
}

/** The servers to use before filters, to be handed in as `previous` next time. */
export function usedServers(
  rules: ServerRules,
  discovered: readonly SynapseServer[],
  previous: readonly SynapseServer[] = rules.defaultServers,
): readonly SynapseServer[] {
  const { defaultServers, keepsDefaults, keepsPrevious, portOverride: port } = rules;
  const found = keepsDefaults ? [...discovered, ...defaultServers] : discovered;
  const servers = distinct(port === undefined ? found : found.map((one) => ({ ...one, port })));
  if (servers.length > 0) return servers;
  return defaultServers.length === 0 && keepsPrevious ? previous : defaultServers;
}

/** The servers of `usedServers` that have the labels; of these the leader, if one is to be elected. */
export function selectedServers(
  { labelFilters, electsLeader }: ServerRules,
  servers: readonly SynapseServer[],
): readonly SynapseServer[] {
  const found = matching(labelFilters, servers);
  return electsLeader ? leaderOf(found) : found;
}

/** The servers that match all of the filters. */
export function matching(
  filters: readonly LabelFilter[],
  servers: readonly SynapseServer[],
): readonly SynapseServer[] {
  return servers.filter(({ labels = {} }) =>
    filters.every(({ label, value, isEqual }) => (labels[label] === value) === isEqual),
  );
}

/** The server with the lowest number; none as long as a server has no number. */
function leaderOf(servers: readonly SynapseServer[]): readonly SynapseServer[] {
  let leader: SynapseServer | undefined;
  for (const server of servers) {
    if (server.number === undefined) return [];
    if (leader?.number === undefined || server.number < leader.number) leader = server;
  }
  return leader ? [leader] : [];
}

/** Without servers that have host, port and name of an earlier one. */
function distinct(servers: readonly SynapseServer[]): readonly SynapseServer[] {
  const known = new Map<string, SynapseServer>();
  for (const server of servers) {
    const key = JSON.stringify([server.host, server.port, server.name ?? ""]);
    if (!known.has(key)) known.set(key, server);
  }
  return [...known.values()];
}
