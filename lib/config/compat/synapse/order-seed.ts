import { createHash } from "node:crypto";

/** The seed of a random order: the same on each start of the machine with this name, and another on most other ones. */
export function orderSeedOf(hostName: string): bigint {
  return BigInt(createHash("sha256").update(hostName).digest().readUInt32BE());
}
