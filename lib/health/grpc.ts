import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { excerpt } from "../base/excerpt.ts";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf, formatDestination } from "./destination.ts";
import { lastLine } from "./exec.ts";
import { fields } from "./fields.ts";
import type { CallResult } from "./grpc-call.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";
import { type Hold, tripwireField } from "./tripwire.ts";

export const schema = z
  .strictObject({
    type: z.literal("grpc"),
    ...fields,
    ...destinationFields,
    service: z
      .string()
      .regex(/^[\x21-\x7e]*$/, "expected the name of a gRPC service, such as shop.Cart")
      .default("")
      .describe("The service to check, such as shop.Cart; the server as a whole if empty."),
    tls: tlsField,
    tripwire: tripwireField,
  })
  .describe("Healthy if the gRPC health checking protocol reports SERVING.");

export type GrpcConfig = z.infer<typeof schema>;

/** Calls grpc.health.v1.Health/Check, on a new connection for each probe. */
export function createGrpcCheck(
  config: GrpcConfig,
  target: Target,
  { clock, tripwire }: CheckDeps,
): Check {
  const destination = destinationOf(config, target);
  const { service } = config;
  const secure = secureOf(config.tls);
  const { host: name, port } = destination;
  const host = formatAddress({ host: secure?.servername ?? name, port });
  const origin = `${secure ? "https" : "http"}://${host}`;
  const path = "/grpc.health.v1.Health/Check";
  const probe = async (
    { call, withSession, encodeRequest, decodeResponse }: Protocol,
    hold: Hold | undefined,
    signal: AbortSignal,
  ) => {
    const options = secure && withHttp2(await tlsOptions(secure, signal));
    const use = (socket: Socket, keep: Hold | undefined) =>
      withSession(origin, socket, keep, async (session, keepIt) => {
        const result = await call({ path, message: encodeRequest(service) }, session, signal);
        if (typeof result === "string") return result;
        const problem = problemOf(result, service, decodeResponse);
        if (problem === undefined) keepIt?.();
        return problem;
      });
    return await connected(destination, options, signal, use, hold);
  };
  return {
    title: `grpc ${formatDestination(destination)}${service && ` ${service}`}`,
    async probe(signal) {
      // Loaded by the first probe, outside its time limit: most configurations have no grpc check.
      const protocol = await loadProtocol();
      const hold = tripwire?.during(signal);
      return await attempt((inner) => probe(protocol, hold, inner), config.timeout, clock, signal);
    },
  };
}

const loadProtocol = async () => ({
  ...(await import("./grpc-call.ts")),
  ...(await import("./http2-session.ts")),
  ...(await import("./protobuf.ts")),
});

type Protocol = Awaited<ReturnType<typeof loadProtocol>>;

function withHttp2(options: ConnectionOptions): ConnectionOptions {
  return { ...options, ALPNProtocols: ["h2"] };
}

/** The names of ServingStatus, by number; SERVICE_UNKNOWN is used by Watch only. */
const servingStatus = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** The names of gRPC status codes, by number. */
const statusNames = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Describes the problem of a result; undefined if it is SERVING. */
function problemOf(
  { status, details: words, message }: CallResult,
  service: string,
  decodeResponse: Protocol["decodeResponse"],
): string | undefined {
  const name = statusNames[status] ?? status;
  if (name === "UNIMPLEMENTED") return "the server has no grpc.health.v1.Health (UNIMPLEMENTED)";
  if (name === "NOT_FOUND") return `the server has no service ${excerpt(service)} (NOT_FOUND)`;
  // The details come from the server and may contain terminal control sequences.
  if (status !== 0) return [`gRPC status ${name}`, lastLine(words)].filter(Boolean).join(": ");
  const number = message && decodeResponse(message);
  if (number === undefined) return "the response is not a HealthCheckResponse";
  const serving = servingStatus[number] ?? number;
  return serving === "SERVING" ? undefined : `status ${serving}, expected SERVING`;
}
