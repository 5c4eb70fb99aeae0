import type { Socket } from "node:net";
import { Client } from "undici";
import { z } from "zod";
import { formatAddress } from "../model/endpoint.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { addressOf, fields } from "./fields.ts";
import { readsBody, wrongBody, wrongStatus } from "./response.ts";
import { tlsOptions, tlsSchema } from "./tls.ts";

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
    tls: z
      .union([z.boolean(), tlsSchema])
      .default(false)
      .describe("Whether to use TLS; true verifies the certificate like a browser."),
  })
  .describe("Healthy if the response to an HTTP request is as expected.");

export type HttpConfig = z.infer<typeof schema>;

/** Limit of the bytes read from a body; the rest is ignored. */
const maxBytes = 64 * 1024;

/** Makes one request per probe, on a new connection: a server may close an idle one at any time. */
export function createHttpCheck(config: HttpConfig, target: Target, { clock }: CheckDeps): Check {
  const address = addressOf(config, target);
  const secure = config.tls === true ? tlsSchema.parse({}) : config.tls || undefined;
  const origin = `${secure ? "https" : "http"}://${formatAddress(address)}`;
  const probe = async (signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    return await connected(address, options, signal, (socket) =>
      request(config, origin, socket, signal),
    );
  };
  return {
    title: `http ${config.method} ${origin}${config.path}`,
    probe: (signal) => attempt(probe, config.timeout, clock, signal),
  };
}

/** Describes an unexpected response; undefined if it is as expected. */
async function request(
  config: HttpConfig,
  origin: string,
  socket: Socket,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { method, path, headers } = config;
  // undici's own timeouts have a resolution of one second: the signal is the limit.
  const client = new Client(origin, {
    // Deferred like a real connection: undici does not proceed if the callback is called synchronously.
    connect: (_options, done) => queueMicrotask(() => done(null, socket)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const response = await client.request({ method, path, headers, reset: true, signal });
    // Destroying the client aborts a body that has not been read completely, which is not an error here.
    response.body.on("error", () => {});
    const problem = wrongStatus(config, response.statusCode);
    if (problem !== undefined || !readsBody(config)) return problem;
    return wrongBody(config, await readStart(response.body));
  } finally {
    await client.destroy();
  }
}

async function readStart(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString();
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
