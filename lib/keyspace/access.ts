import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { faults } from "./faults.ts";
import type { Access } from "./schema.ts";

interface Target {
  /** For display: without user and password. */
  readonly url: string;
  readonly access: Access;
}

/** PEM files; without a `ca`, the public certificate authorities are trusted. */
export interface Credentials {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * The current password; undefined if none is configured. Throws KEYSPACE_CREDENTIALS_UNREADABLE.
 */
export async function readPassword(
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = await readAccess(target, "passwordFile", signal);
  return text ? firstLine(text) : target.access.password;
}

/** The current token; undefined if none is configured. Throws KEYSPACE_CREDENTIALS_UNREADABLE. */
export async function readToken(target: Target, signal: AbortSignal): Promise<string | undefined> {
  const text = await readAccess(target, "tokenFile", signal);
  return text ? firstLine(text) : target.access.token;
}

function firstLine(text: Buffer): string | undefined {
  return text.toString().split(/\r?\n/, 1)[0];
}

/**
 * Reads the certificates from disk. Throws KEYSPACE_CREDENTIALS_UNREADABLE or KEYSPACE_CERTIFICATES_INVALID, which are
 * retryable: the files may be in the middle of a renewal.
 */
export async function readCredentials(target: Target, signal: AbortSignal): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all([
    readAccess(target, "ca", signal),
    readAccess(target, "cert", signal),
    readAccess(target, "key", signal),
  ]);
  const credentials = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  try {
    createSecureContext(credentials);
    // createSecureContext accepts a `ca` without any certificate in it.
    if (ca) new X509Certificate(ca);
  } catch (error) {
    throw faults.KEYSPACE_CERTIFICATES_INVALID({ url: target.url }, error);
  }
  return credentials;
}

/** Reads one file of the access; undefined if none is configured. */
async function readAccess(
  { url, access }: Target,
  name: "ca" | "cert" | "key" | "passwordFile" | "tokenFile",
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
