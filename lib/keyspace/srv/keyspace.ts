import { isIP } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { LookupError } from "../../clients/dns/errors.ts";
import { NameServer } from "../../clients/dns/name-server.ts";
import { SystemResolver } from "../../clients/dns/resolver.ts";
import type { Keyspace } from "../contract.ts";
import { faults } from "../faults.ts";
import { readOnlyKeyspace } from "../read-only.ts";
import { type Values, watchStates } from "../states.ts";
import type { SrvLocation } from "../url.ts";
import { type SrvRecord, valuesOf } from "./values.ts";

/** The time between two lookups, in milliseconds; up to a tenth more or less, so that many watchers do not ask all at once. */
const defaultIntervalMs = 10_000;

export interface SrvDeps {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/**
 * The targets of SRV records (RFC 2782) as a keyspace: `/10.0.0.1:80`. The records are looked up every 10 s, whatever their TTL.
 * Only an answer with records replaces the previous one: a name that does not exist, a name without SRV records and a name
 * server that fails throw KEYSPACE_SRV_LOOKUP_FAILED. The one record with the target `.` is an answer: there are no instances.
 */
export function createSrvKeyspace(
  url: string,
  { name, server, intervalMs = defaultIntervalMs }: SrvLocation,
  { clock, random }: SrvDeps,
): Keyspace {
  const lookup = lookupAt(server, clock);
  async function* states(signal: AbortSignal): AsyncGenerator<Values> {
    for (;;) {
      signal.throwIfAborted();
      const records = await lookup(name).catch((error: unknown) => {
        if (!(error instanceof LookupError)) throw error;
        throw faults.KEYSPACE_SRV_LOOKUP_FAILED({ url }, error);
      });
      yield valuesOf(records);
      await clock.sleep(intervalMs * (0.9 + 0.2 * random()), signal);
    }
  }
  return readOnlyKeyspace(url, (prefixes, signal) => watchStates(states(signal), prefixes));
}

type Lookup = (name: string) => Promise<readonly SrvRecord[]>;

function lookupAt(server: string | undefined, clock: Clock): Lookup {
  const system = new SystemResolver(clock);
  if (server === undefined) return (name) => system.resolveSrv(name);
  const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(server) ?? [];
  return async (name) => {
    const [found] = isIP(host) ? [{ address: host }] : await system.lookup(host);
    const address = found?.address ?? host;
    const at = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
    return await new NameServer(at).targets(name);
  };
}
