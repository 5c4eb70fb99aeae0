import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { excerpt } from "../base/excerpt.ts";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { lastLine } from "./exec.ts";
import { addressOf, fields } from "./fields.ts";
import { type CallResult, call } from "./grpc-call.ts";
import { tlsOptions, tlsSchema } from "./tls.ts";

export const schema = z
  .strictObject({
    type: z.literal("grpc"),
    ...fields,
    service: z
      .string()
      .regex(/^[\x21-\x7e]*$/, "expected the name of a gRPC service, such as shop.Cart")
      .default("")
      .describe(
        "The service to ask about, such as shop.Cart; the server as a whole where it is empty.",
      ),
    tls: z
      .union([z.boolean(), tlsSchema])
      .default(false)
      .describe("Whether to ask over TLS, and how; true verifies as a browser does."),
  })
  .describe("Well is what says SERVING by the standard health protocol of gRPC.");

export type GrpcConfig = z.infer<typeof schema>;

/** Calls grpc.health.v1.Health/Check, each time on a connection of its own. */
export function createGrpcCheck(config: GrpcConfig, target: Target, { clock }: CheckDeps): Check {
  const address = addressOf(config, target);
  const { service } = config;
  const secure = config.tls === true ? tlsSchema.parse({}) : config.tls || undefined;
  const host = formatAddress({ ...address, host: secure?.servername ?? address.host });
  const asked = {
    origin: `${secure ? "https" : "http"}://${host}`,
    path: "/grpc.health.v1.Health/Check",
  };
  const ask = async ({ encodeRequest, decodeResponse }: Codec, signal: AbortSignal) => {
    const options = secure && withHttp2(await tlsOptions(secure, signal));
    return await connected(address, options, signal, async (socket) => {
      const answer = await call({ ...asked, message: encodeRequest(service) }, socket, signal);
      return typeof answer === "string" ? answer : problemOf(answer, service, decodeResponse);
    });
  };
  return {
    title: `grpc ${formatAddress(address)}${service && ` ${service}`}`,
    async probe(signal) {
      // Loaded by the first probe, and not within its time limit: most configurations have no grpc check.
      const messages = await import("./protobuf.ts");
      return await attempt((inner) => ask(messages, inner), config.timeout, clock, signal);
    },
  };
}

type Codec = typeof import("./protobuf.ts");

function withHttp2(options: ConnectionOptions): ConnectionOptions {
  return { ...options, ALPNProtocols: ["h2"] };
}

/** What a service says of itself, by its number in the protocol; SERVICE_UNKNOWN is for watching only. */
const servingStatus = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

/** The statuses of gRPC itself, by number. */
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

/** What is wrong with an answer; undefined when it is SERVING. */
function problemOf(
  { status, details: words, message }: CallResult,
  service: string,
  decodeResponse: Codec["decodeResponse"],
): string | undefined {
  const name = statusNames[status] ?? status;
  if (name === "UNIMPLEMENTED") return "the server has no grpc.health.v1.Health (UNIMPLEMENTED)";
  if (name === "NOT_FOUND") return `the server knows no service ${excerpt(service)} (NOT_FOUND)`;
  // What a server says may hold anything: nothing that steers a terminal goes on.
  if (status !== 0) return [`gRPC status ${name}`, lastLine(words)].filter(Boolean).join(": ");
  const said = message && decodeResponse(message);
  if (said === undefined) return "the answer is no HealthCheckResponse";
  const serving = servingStatus[said] ?? said;
  return serving === "SERVING" ? undefined : `status ${serving}, expected SERVING`;
}
