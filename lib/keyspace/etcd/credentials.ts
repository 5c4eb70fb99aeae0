import { createSecureContext } from "node:tls";
import { readAccess } from "../access.ts";
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
    readAccess(target, "ca", signal),
    readAccess(target, "cert", signal),
    readAccess(target, "key", signal),
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
