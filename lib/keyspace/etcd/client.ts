import { InterceptingCall, type Interceptor, ListenerBuilder } from "@grpc/grpc-js";
import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { abortable } from "../../base/signal.ts";
import { type Credentials, readCredentials, readPassword } from "../access.ts";
import { asFault, isAuthDisabled } from "./errors.ts";
import type { EtcdTarget } from "./target.ts";

/** Connects a client, which the caller closes. A client that has failed is not used again: dial another one. */
export type EtcdDial = (signal: AbortSignal) => Promise<Etcd3>;

/** The deadline of a unary call, in milliseconds. */
const callMs = 4000;

/**
 * Measured on networks that drop packets silently. Without a subchannel pool of its own, a new client would wait for a
 * connection attempt that the kernel retries ever more rarely. etcd disconnects a client that pings more often than
 * every 5 s.
 */
const channelOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.keepalive_time_ms": 5000,
  "grpc.keepalive_timeout_ms": 3000,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
};

/** Each call dials the next endpoint, starting at a random one, and reads certificates and password anew. */
export function createEtcdDial(target: EtcdTarget, random: () => number): EtcdDial {
  const { endpoints } = target.location;
  let next = Math.floor(random() * endpoints.length);
  return async (signal) => {
    next += 1;
    return await connect(target, endpoints[next % endpoints.length] ?? "", signal);
  };
}

async function connect(target: EtcdTarget, endpoint: string, signal: AbortSignal): Promise<Etcd3> {
  const { tls } = target.location;
  const credentials = tls ? await readCredentials(target, signal) : undefined;
  const token: AuthToken = { value: undefined };
  const client = new Etcd3({
    hosts: `${tls ? "https" : "http"}://${endpoint}`,
    ...(credentials && { credentials: toEtcd3Credentials(credentials) }),
    grpcOptions: channelOptions,
    // Retries are left to the caller: etcd3 would retry on the connection that has failed.
    faultHandling: { host: () => noop, global: noop },
    defaultCallOptions: ({ isStream }) => ({
      interceptors: [addMetadata(token)],
      ...(isStream ? {} : { deadline: Date.now() + callMs }),
    }),
  });
  try {
    token.value = await authenticate(client, target, signal);
    return client;
  } catch (error) {
    client.close();
    signal.throwIfAborted();
    throw asFault(error, target.url, "log in");
  }
}

/** etcd3's type requires a root certificate, but undefined means the public certificate authorities. */
function toEtcd3Credentials({ ca, cert, key }: Credentials) {
  return {
    rootCertificate: ca as Buffer,
    ...(cert && key && { certChain: cert, privateKey: key }),
  };
}

/** The token that every call carries after the login. */
interface AuthToken {
  value: string | undefined;
}

/**
 * Logs in and returns the token; undefined without a user, or if etcd has authentication disabled. Not left to etcd3,
 * which logs in over a connection that has none of the channel options and is never closed.
 */
async function authenticate(
  client: Etcd3,
  target: EtcdTarget,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { user } = target.access;
  const password = await readPassword(target, signal);
  if (user === undefined || password === undefined) return undefined;
  try {
    const { token } = await abortable(client.auth.authenticate({ name: user, password }), signal);
    return token;
  } catch (error) {
    if (isAuthDisabled(error)) return undefined;
    throw error;
  }
}

/** Adds the token, and `hasleader`: a member without a leader then fails the call instead of serving stale data. */
function addMetadata(token: AuthToken): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        metadata.set("hasleader", "true");
        if (token.value !== undefined) metadata.set("token", token.value);
        next(metadata, rewordExpiredToken);
      },
    });
}

/** Changes the message of etcd for an expired token: on that message etcd3 repeats the call endlessly. */
const rewordExpiredToken = new ListenerBuilder()
  .withOnReceiveStatus((status, next) => {
    const details = status.details.replace("invalid auth token", "the token has expired");
    next({ ...status, details });
  })
  .build();
