import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { faults } from "./faults.ts";
import type { Access } from "./schema.ts";

interface Target {
  /** For people: without user and password. */
  readonly url: string;
  readonly access: Access;
}

/** PEM texts; without a `ca` the well-known authorities are trusted. */
export interface Credentials {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** The password as it is now; undefined where there is none. */
export async function readPassword(
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = await readAccess(target, "passwordFile", signal);
  return text ? text.toString().split(/\r?\n/, 1)[0] : target.access.password;
}

/** The certificates as they are on the disk now. Throws a retryable fault: they may be about to be replaced. */
export async function readCredentials(target: Target, signal: AbortSignal): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all([
    readAccess(target, "ca", signal),
    readAccess(target, "cert", signal),
    readAccess(target, "key", signal),
  ]);
  const credentials = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  try {
    createSecureContext(credentials);
    // It takes a text without certificates for an authority that signed nothing.
    if (ca) new X509Certificate(ca);
  } catch (error) {
    throw faults.KEYSPACE_CERTIFICATES_INVALID({ url: target.url }, error);
  }
  return credentials;
}

/** A file of the access as it is on the disk now; undefined where none is named. */
async function readAccess(
  { url, access }: Target,
  name: "ca" | "cert" | "key" | "passwordFile",
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const path = access[name];
  if (path === undefined) return undefined;
  try {
    return await readFile(path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw faults.KEYSPACE_CREDENTIALS_UNREADABLE({ url, name, path }, error);
  }
}
