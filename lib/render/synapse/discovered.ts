import { folderAbove } from "../../model/entry.ts";
import type { Endpoint, Pool } from "../../model/pool.ts";
import type { Generated, Generator } from "../contract.ts";
import {
  type LabelFilter,
  matching,
  type ServerRules,
  selectedServers,
  usedServers,
} from "./choose-servers.ts";
import type { ServersByService } from "./haproxy-config.ts";
import { serverNameOf } from "./server-name.ts";
import { serverOf } from "./server-of.ts";
import type { SynapseServer } from "./settings.ts";

/** How the servers of a service follow from its instances. */
export interface DiscoveredService {
  readonly name: string;
  readonly rules: ServerRules;
  /** Whether the instances without entries were discovered, too. Otherwise they stand for the default servers of the rules. */
  readonly hasOwnInstances: boolean;
  /** Whether a host name stands for a server at each of its addresses. */
  readonly resolves: boolean;
  /** By folder, the filters of its entries, in addition to those of the service. */
  readonly filters: Readonly<Record<string, readonly LabelFilter[]>>;
}

/** The services as a generator of Synapse's files takes them. */
interface Discovered {
  readonly servers: ServersByService;
  /** By the names of service and server, the key of the instance that the server is. */
  readonly keys: ReadonlyMap<string, string>;
}

/** The servers of each service, chosen among its instances. */
export function serversIn(
  services: readonly DiscoveredService[],
  pools: readonly Pool[],
): Discovered {
  const byName = new Map(pools.map(({ name, instances }) => [name, instances]));
  const servers = new Map<string, readonly SynapseServer[]>();
  const keys = new Map<string, string>();
  for (const service of services) {
    const { name, rules } = service;
    const found = discoveredIn(service, byName.get(name) ?? []);
    for (const { key, server } of found) {
      const { portOverride: port = server.port } = rules;
      const subject = `${name}/${serverNameOf({ ...server, port })}`;
      if (!keys.has(subject)) keys.set(subject, key);
    }
    // The previous servers are retained among the instances: see `ServerRules.keepsPrevious`.
    const used = usedServers(
      rules,
      found.map(({ server }) => server),
      [],
    );
    servers.set(name, selectedServers(rules, used));
  }
  return { servers, keys };
}

interface FoundServer {
  readonly key: string;
  readonly server: SynapseServer;
}

function discoveredIn(
  { hasOwnInstances, resolves, filters }: DiscoveredService,
  instances: readonly Endpoint[],
): readonly FoundServer[] {
  return instances.flatMap((instance) => {
    const { key, resolved } = instance;
    if (!hasOwnInstances && !key.startsWith("/")) return [];
    const addresses = (resolves && resolved) || [instance];
    const servers = addresses.map((address) => serverOf(address));
    return matching(filters[folderAbove(key)] ?? [], servers).map((server) => ({ key, server }));
  });
}

/** A generator for the services of the keyspace; what it omits has the key of its entry as the subject. */
export function ofServices<State>(
  { name, recall, generate }: Generator<ServersByService, State>,
  services: readonly DiscoveredService[],
): Generator<readonly Pool[], State> {
  return {
    name,
    recall,
    generate(pools, state, nowMs): Generated {
      const { servers, keys } = serversIn(services, pools);
      const { text, omitted } = generate(servers, state, nowMs);
      const named = omitted.map((one) => ({
        ...one,
        subject: keys.get(one.subject) ?? one.subject,
      }));
      return { text, omitted: named };
    },
  };
}
