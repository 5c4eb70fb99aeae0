import { InterceptingCall, type Interceptor, ListenerBuilder } from "@grpc/grpc-js";
import { noop } from "cockatiel";
import { Etcd3 } from "etcd3";
import { abortable } from "../../base/signal.ts";
import { type Credentials, readCredentials, readPassword } from "../access.ts";
import { asFault, isAuthOff } from "./errors.ts";
import type { EtcdTarget } from "./target.ts";

/** Makes a client, which the caller closes. One that has failed is not used again: the next is dialled. */
export type EtcdDial = (signal: AbortSignal) => Promise<Etcd3>;

/** How long one call may take, in milliseconds. */
const callMs = 4000;

/**
 * Measured on networks that fall silent. Without a pool of its own a new client would wait on a connection
 * attempt that the kernel repeats ever more rarely; who pings more often than every 5 s is disconnected.
 */
const channelOptions = {
  "grpc.max_receive_message_length": -1,
  "grpc.keepalive_time_ms": 5000,
  "grpc.keepalive_timeout_ms": 3000,
  "grpc.use_local_subchannel_pool": 1,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
};

/** Each call takes the next endpoint, the first one by chance, and reads certificates and password again. */
export function dialling(target: EtcdTarget, random: () => number): EtcdDial {
  const { endpoints } = target.location;
  let turn = Math.floor(random() * endpoints.length);
  return async (signal) => {
    turn += 1;
    return await connect(target, endpoints[turn % endpoints.length] ?? "", signal);
  };
}

async function connect(target: EtcdTarget, endpoint: string, signal: AbortSignal): Promise<Etcd3> {
  const { tls } = target.location;
  const credentials = tls ? await readCredentials(target, signal) : undefined;
  const pass: Pass = { token: undefined };
  const client = new Etcd3({
    hosts: `${tls ? "https" : "http"}://${endpoint}`,
    ...(credentials && { credentials: named(credentials) }),
    grpcOptions: channelOptions,
    // Trying again is for the caller: etcd3's way of it keeps the connection that failed.
    faultHandling: { host: () => noop, global: noop },
    defaultCallOptions: ({ isStream }) => ({
      interceptors: [present(pass)],
      ...(isStream ? {} : { deadline: Date.now() + callMs }),
    }),
  });
  try {
    pass.token = await authenticate(client, target, signal);
    return client;
  } catch (error) {
    client.close();
    signal.throwIfAborted();
    throw asFault(error, target.url, "log in");
  }
}

/** Under etcd3's names. Its type insists on an authority, but undefined means the well-known ones. */
function named({ ca, cert, key }: Credentials) {
  return {
    rootCertificate: ca as Buffer,
    ...(cert && key && { certChain: cert, privateKey: key }),
  };
}

/** What every call shows: the token of the login, once there is one. */
interface Pass {
  token: string | undefined;
}

/** The login is not left to etcd3, whose connection for it has none of the options and is never closed. */
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
    if (isAuthOff(error)) return undefined;
    throw error;
  }
}

/** Shows the token, and asks members that have lost their leader to say so rather than serve what is old. */
function present(pass: Pass): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, _listener, next) {
        metadata.set("hasleader", "true");
        if (pass.token !== undefined) metadata.set("token", pass.token);
        next(metadata, unlessExpired);
      },
    });
}

/** Words an expired token otherwise than etcd does: at these words etcd3 repeats the call without an end. */
const unlessExpired = new ListenerBuilder()
  .withOnReceiveStatus((status, next) => {
    const details = status.details.replace("invalid auth token", "the token has expired");
    next({ ...status, details });
  })
  .build();
