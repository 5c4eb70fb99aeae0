import type { Clock } from "../../base/clock.ts";
import { readCredentials, readPassword } from "../access.ts";
import { type Connecting, type Connection, connect } from "./connection.ts";
import type { ZookeeperTarget } from "./target.ts";

/** What a connection is wanted for; which endpoint it goes to is not for the caller to say. */
export type Wanted = Omit<Connecting, "host" | "port" | "credentials" | "login" | "limitMs">;

/** Connects to the next endpoint. One connection that has failed is not used again: the next is dialled. */
export type ZookeeperDial = (wanted: Wanted, signal: AbortSignal) => Promise<Connection>;

/** Each call takes the next endpoint, the first one by chance, and reads certificates and password again. */
export function dialling(
  target: ZookeeperTarget,
  clock: Clock,
  random: () => number,
): ZookeeperDial {
  const { endpoints, tls } = target.location;
  let turn = Math.floor(random() * endpoints.length);
  return async (wanted, signal) => {
    turn += 1;
    const endpoint = endpoints[turn % endpoints.length] ?? "";
    const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(endpoint) ?? [];
    const credentials = tls ? await readCredentials(target, signal) : undefined;
    const login = await readLogin(target, signal);
    // Short enough for a second attempt within the time that a session, or a write in it, has: a server that
    // is just starting may take a connection and never answer on it.
    const limitMs = Math.min(2500, Math.max(1000, wanted.sessionMs / 3));
    const connecting = { ...wanted, host, port: Number(port), credentials, login, limitMs };
    return await connect(connecting, clock, signal);
  };
}

/** Who we are by now, as ZooKeeper wants it: `user:password`; undefined where we are nobody. */
export async function readLogin(
  target: ZookeeperTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const password = await readPassword(target, signal);
  const { user } = target.access;
  return user && password ? `${user}:${password}` : undefined;
}
