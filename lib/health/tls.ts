import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { path } from "../base/schema.ts";

const file = path.optional();

export const tlsSchema = z.strictObject({
  ca: file.describe("A PEM file with the authorities to trust, in place of the well-known ones."),
  cert: file.describe("A PEM file with the certificate that this side shows."),
  key: file.describe("A PEM file with the key of that certificate."),
  servername: z
    .string()
    .min(1)
    .optional()
    .describe("The name to ask for and to expect in the certificate, if not the host."),
  insecure: z.boolean().default(false).describe("Whether any certificate will do."),
});

/** The files are read anew for each connection: a certificate may be renewed while we run. */
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
