import type { Socket } from "node:net";
import { Client } from "undici";
import { z } from "zod";
import { formatAddress } from "../model/endpoint.ts";
import { readsBody, wrongBody, wrongStatus } from "./response.ts";
import { attempt } from "./attempt.ts";
import { connected } from "./connection.ts";
import type { Check, CheckDeps, Target } from "./contract.ts";
import { addressOf, fields } from "./fields.ts";
import { tlsOptions, tlsSchema } from "./tls.ts";

/** What the connection itself has to say, and no operator. */
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
    method: z.enum(["GET", "HEAD", "OPTIONS", "POST"]).default("GET").describe("How to ask."),
    path: z
      .string()
      .regex(/^\/[\x21-\x7e]*$/, "expected a path that starts with / and has no spaces")
      .default("/")
      .describe("What to ask for, with the query if there is one."),
    headers: z
      .record(headerName, headerValue)
      .default({})
      .describe("What to send along; Host takes the place of the target's address."),
    expect: z
      .array(status)
      .min(1)
      .default(["2xx", "3xx"])
      .describe("Statuses that count as well. A redirect is not followed."),
    contains: z.string().min(1).optional().describe("Text that the body has to contain."),
    matches: z
      .string()
      .refine(isRegularExpression, "expected a regular expression")
      .optional()
      .describe("A regular expression that the body has to match."),
    tls: z
      .union([z.boolean(), tlsSchema])
      .default(false)
      .describe("Whether to ask over TLS, and how; true verifies as a browser does."),
  })
  .describe("Well is what answers an HTTP request as expected.");

export type HttpConfig = z.infer<typeof schema>;

/** How much of a body is looked at, in bytes: what comes later is not read. */
const maxBytes = 64 * 1024;

/** Makes one request, each time on a connection of its own: a kept one may be closed under our hands. */
export function createHttpCheck(config: HttpConfig, target: Target, { clock }: CheckDeps): Check {
  const address = addressOf(config, target);
  const secure = config.tls === true ? tlsSchema.parse({}) : config.tls || undefined;
  const origin = `${secure ? "https" : "http"}://${formatAddress(address)}`;
  const ask = async (signal: AbortSignal) => {
    const options = secure && (await tlsOptions(secure, signal));
    return await connected(address, options, signal, (socket) =>
      request(config, origin, socket, signal),
    );
  };
  return {
    title: `http ${config.method} ${origin}${config.path}`,
    probe: (signal) => attempt(ask, config.timeout, clock, signal),
  };
}

/** What is wrong with the answer; undefined when it is as expected. */
async function request(
  config: HttpConfig,
  origin: string,
  socket: Socket,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { method, path, headers } = config;
  // undici's own time limits are a second coarse: the signal is the limit.
  const client = new Client(origin, {
    // Later, as a connection would be: undici does not go on when it is answered at once.
    connect: (_options, done) => queueMicrotask(() => done(null, socket)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  try {
    const answer = await client.request({ method, path, headers, reset: true, signal });
    // Destroying the client ends a body that is not read to its end: that is no error here.
    answer.body.on("error", () => {});
    const wrong = wrongStatus(config, answer.statusCode);
    if (wrong !== undefined || !readsBody(config)) return wrong;
    return wrongBody(config, await readStart(answer.body));
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
