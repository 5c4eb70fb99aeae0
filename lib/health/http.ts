import type { Socket } from "node:net";
import { z } from "zod";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf } from "./destination.ts";
import { fields } from "./fields.ts";
import { exchange } from "./http-exchange.ts";
import { wrongBody, wrongStatus } from "./response.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";

/** Headers of the connection, which cannot be configured. */
const connectionHeaders =
  /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "expected the name of a header")
  .refine((name) => !connectionHeaders.test(name), "this header belongs to the connection");

const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, "expected printable ASCII characters");

const status = z.union(
  [z.int().min(100).max(599), z.string().regex(/^[1-5]xx$/)],
  "expected a status such as 200, or a class of them such as 2xx",
);

export const schema = z
  .strictObject({
    type: z.literal("http"),
    ...fields,
    ...destinationFields,
    http2: z
      .boolean()
      .default(false)
      .describe("Whether to use HTTP/2, without TLS with prior knowledge (h2c)."),
    method: z
      .enum(["GET", "HEAD", "OPTIONS", "POST"])
      .default("GET")
      .describe("The request method."),
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, "expected a path that starts with / and has no spaces")
      .default("/")
      .describe("The request path, with its query."),
    headers: z
      .record(headerName, headerValue)
      .default({})
      .describe("Request headers; Host replaces the address of the target."),
    expect: z
      .array(status)
      .min(1)
      .default(["2xx", "3xx"])
      .describe("Healthy statuses. Redirects are not followed."),
    contains: z.string().min(1).optional().describe("A string that the body must contain."),
    matches: z
      .string()
      .refine(isRegularExpression, "expected a regular expression")
      .optional()
      .describe("A regular expression that the body must match."),
    tls: tlsField,
  })
  .describe(
    "Healthy if the response to an HTTP request is as expected. It is read to its end, or 64 KiB of its body.",
  );

export type HttpConfig = z.infer<typeof schema>;

/** Makes one request per probe, on a new connection: a server may close an idle one at any time. */
export function createHttpCheck(config: HttpConfig, target: Target, { clock }: CheckDeps): Check {
  const { method, path, headers } = config;
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const scheme = secure ? "https" : "http";
  const request = { method, path, headers, authority: authorityOf(destination, scheme) };
  const use = (socket: Socket, http2: Http2 | undefined, signal: AbortSignal) =>
    http2 ? http2.exchangeHttp2(request, scheme, socket, signal) : exchange(request, socket);
  const probe = async (http2: Http2 | undefined, signal: AbortSignal) => {
    const protocol = config.http2 ? { ALPNProtocols: ["h2"] } : {};
    const options = secure && { ...(await tlsOptions(secure, signal)), ...protocol };
    const { status, body } = await connected(destination, options, signal, (socket) =>
      use(socket, http2, signal),
    );
    return wrongStatus(config, status) ?? wrongBody(config, body);
  };
  const { unix, ...address } = destination;
  const by = unix === undefined ? "" : ` at unix:${unix}`;
  return {
    title: `http ${method} ${scheme}://${formatAddress(address)}${path}${by}`,
    async probe(signal) {
      // Loaded by the first probe that needs it, outside its time limit.
      const http2 = config.http2 ? await import("./http2-exchange.ts") : undefined;
      return await attempt((inner) => probe(http2, inner), config.timeout, clock, signal);
    },
  };
}

type Http2 = typeof import("./http2-exchange.ts");

/** The Host header: without the port where it is the default one, like in browsers. */
function authorityOf(address: Target, scheme: "http" | "https"): string {
  const withPort = formatAddress(address);
  return address.port === (scheme === "https" ? 443 : 80)
    ? withPort.replace(/:\d+$/, "")
    : withPort;
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
