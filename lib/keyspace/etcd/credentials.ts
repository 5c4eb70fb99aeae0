import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { faults } from "../faults.ts";
import type { Target } from "./target.ts";

interface Credentials {
  readonly rootCertificate: Buffer;
  readonly certChain?: Buffer;
  readonly privateKey?: Buffer;
}

/** The certificates as they are on the disk now. Throws a retryable fault: they may be about to be replaced. */
export async function readCredentials(target: Target, signal: AbortSignal): Promise<Credentials> {
  const [ca, cert, key] = await Promise.all([
    read(target, "ca", signal),
    read(target, "cert", signal),
    read(target, "key", signal),
  ]);
  const pair = cert && key ? { cert, key } : {};
  try {
    createSecureContext({ ...(ca && { ca }), ...pair });
  } catch (error) {
    throw faults.KEYSPACE_CERTIFICATES({ url: target.url }, error);
  }
  return {
    // etcd3's type insists on one, but undefined means the system's authorities.
    rootCertificate: ca as Buffer,
    ...(cert && key && { certChain: cert, privateKey: key }),
  };
}

/** The password as it is now; undefined where there is none. */
export async function readPassword(
  target: Target,
  signal: AbortSignal,
): Promise<string | undefined> {
  const text = await read(target, "passwordFile", signal);
  return text ? text.toString().split(/\r?\n/, 1)[0] : target.access.password;
}

async function read(
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
    throw faults.KEYSPACE_ACCESS_FILE({ url, name, path }, error);
  }
}
