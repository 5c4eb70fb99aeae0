import type { Clock } from "../../base/clock.ts";
import { readCredentials, readPassword } from "../access.ts";
import { type Connection, type ConnectOptions, connect } from "./connection.ts";
import type { ZookeeperTarget } from "./target.ts";

/** The options of a connection that its user chooses; the others follow from the endpoint and the target. */
export type DialOptions = Omit<
  ConnectOptions,
  "host" | "port" | "credentials" | "login" | "limitMs"
>;

/** Connects to the next endpoint. A connection that has failed is not used again: dial another one. */
export type ZookeeperDial = (options: DialOptions, signal: AbortSignal) => Promise<Connection>;

/** Each call dials the next endpoint, starting at a random one, and reads certificates and password anew. */
export function createZookeeperDial(
  target: ZookeeperTarget,
  clock: Clock,
  random: () => number,
): ZookeeperDial {
  const { endpoints, tls } = target.location;
  let next = Math.floor(random() * endpoints.length);
  return async (options, signal) => {
    next += 1;
    const endpoint = endpoints[next % endpoints.length] ?? "";
    const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(endpoint) ?? [];
    const credentials = tls ? await readCredentials(target, signal) : undefined;
    const login = await readLogin(target, signal);
    // Leaves time for a second attempt within the TTL of the session, or the limit of a write: a server that is starting
    // may accept a connection and never answer on it.
    const limitMs = Math.min(2500, Math.max(1000, options.sessionMs / 3));
    return await connect(
      { ...options, host, port: Number(port), credentials, login, limitMs },
      clock,
      signal,
    );
  };
}

/** The current login in the form of ZooKeeper: `user:password`; undefined without a user. */
export async function readLogin(
  target: ZookeeperTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const password = await readPassword(target, signal);
  const { user } = target.access;
  return user && password ? `${user}:${password}` : undefined;
}
