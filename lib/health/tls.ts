import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { path } from "../base/schema.ts";

const file = path.optional();

const tlsSchema = z.strictObject({
  ca: file.describe("A PEM file with the CA certificates to trust instead of the well-known ones."),
  cert: file.describe("A PEM file with the client certificate."),
  key: file.describe("A PEM file with the key of the client certificate."),
  servername: z
    .string()
    .min(1)
    .optional()
    .describe("The server name to request and to expect in the certificate; the host by default."),
  insecure: z.boolean().default(false).describe("Whether to accept any certificate."),
});

/** The field `tls` of a check. */
export const tlsField = z
  .union([z.boolean(), tlsSchema])
  .default(false)
  .describe("Whether to use TLS; true verifies the certificate like a browser.");

/** The settings of a field `tls`; undefined without TLS. */
export function secureOf(tls: z.infer<typeof tlsField>): z.infer<typeof tlsSchema> | undefined {
  return tls === true ? tlsSchema.parse({}) : tls || undefined;
}

/** Reads the files for each connection, since a certificate may be renewed at any time. */
export async function tlsOptions(
  { ca, cert, key, servername, insecure }: z.infer<typeof tlsSchema>,
  signal: AbortSignal,
): Promise<ConnectionOptions> {
  const read = async (name: string | undefined) =>
    name === undefined ? undefined : await readFile(name, { signal });
  return {
    ca: await read(ca),
    cert: await read(cert),
    key: await read(key),
    ...(servername === undefined ? {} : { servername }),
    rejectUnauthorized: !insecure,
  };
}
