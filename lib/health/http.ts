import type { Socket } from "node:net";
import { z } from "zod";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { destinationFields, destinationOf } from "./destination.ts";
import { fields } from "./fields.ts";
import { exchange, type HttpResponse } from "./http-exchange.ts";
import { wrongBody, wrongStatus } from "./response.ts";
import { secureOf, tlsField, tlsOptions } from "./tls.ts";
import { type Hold, tripwireField } from "./tripwire.ts";

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
    tripwire: tripwireField,
  })
  .describe(
    "Healthy if the response to an HTTP request is as expected. It is read to its end, or 64 KiB of its body.",
  );

export type HttpConfig = z.infer<typeof schema>;

/**
 * Makes one request per probe, on a new connection: a server may close an idle one at any time. The tripwire holds it if the
 * server offers to keep it.
 */
export function createHttpCheck(
  config: HttpConfig,
  target: Target,
  { clock, tripwire }: CheckDeps,
): Check {
  const { method, path, headers } = config;
  const destination = destinationOf(config, target);
  const secure = secureOf(config.tls);
  const scheme = secure ? "https" : "http";
  const authority = authorityOf(destination, scheme);
  const origin = `${scheme}://${authority}`;
  const request = { method, path, headers, authority };
  const judge = ({ status, body, isKeptAlive }: HttpResponse, keep: (() => void) | undefined) => {
    const problem = wrongStatus(config, status) ?? wrongBody(config, body);
    if (problem === undefined && isKeptAlive) keep?.();
    return problem;
  };
  const probe = async (http2: Http2 | undefined, hold: Hold | undefined, signal: AbortSignal) => {
    const protocol = config.http2 ? { ALPNProtocols: ["h2"] } : {};
    const options = secure && { ...(await tlsOptions(secure, signal)), ...protocol };
    const use = async (socket: Socket, keep: Hold | undefined) => {
      if (!http2)
        return judge(await exchange(request, socket, !!keep), keep && (() => keep(socket)));
      const { withSession, exchangeHttp2 } = http2;
      return await withSession(origin, socket, keep, async (session, keepIt) =>
        judge(await exchangeHttp2(request, scheme, session, signal), keepIt),
      );
    };
    return await connected(destination, options, signal, use, hold);
  };
  const { unix, ...address } = destination;
  const by = unix === undefined ? "" : ` at unix:${unix}`;
  return {
    title: `http ${method} ${scheme}://${formatAddress(address)}${path}${by}`,
    async probe(signal) {
      // Loaded by the first probe that needs it, outside its time limit.
      const http2 = config.http2 ? await loadHttp2() : undefined;
      const hold = tripwire?.during(signal);
      return await attempt((inner) => probe(http2, hold, inner), config.timeout, clock, signal);
    },
  };
}

const loadHttp2 = async () => ({
  ...(await import("./http2-exchange.ts")),
  ...(await import("./http2-session.ts")),
});

type Http2 = Awaited<ReturnType<typeof loadHttp2>>;

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
