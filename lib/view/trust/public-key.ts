import { createPublicKey, type KeyObject } from "node:crypto";

/** Whether a text is a public key of Ed25519: PEM, or its line of base64. */
export function isPublicKey(text: string): boolean {
  try {
    return publicKeyOf(text).asymmetricKeyType === "ed25519";
  } catch {
    return false;
  }
}

/** Throws if the text is no public key. */
export function publicKeyOf(text: string): KeyObject {
  const base64 = text.replace(/-----[A-Z ]+-----/g, "").replace(/\s+/g, "");
  return createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
}
