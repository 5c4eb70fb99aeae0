import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sealed, sealOf } from "../model/seal.ts";
import { faults } from "./faults.ts";

export interface SignSettings {
  /** A private key of Ed25519, in PEM. */
  readonly keyFile: string;
  /** The name by which watchers know the key. */
  readonly keyName: string;
  /** How long a signature holds, in milliseconds. */
  readonly validityMs: number;
}

/** Renewal is looked at so often in the second half of the time, in which an agent has to find a moment for it. */
const looksPerHalf = 4;

/** Signs entries. */
export class Signer {
  readonly #settings: SignSettings;
  readonly #key: KeyObject;
  readonly #now: () => number;

  /** `now` returns milliseconds since 1970. */
  constructor(settings: SignSettings, key: KeyObject, now: () => number = Date.now) {
    this.#settings = settings;
    this.#key = key;
    this.#now = now;
  }

  /** How often to look for signatures that are due, in milliseconds. */
  get renewEveryMs(): number {
    return Math.min(this.#settings.validityMs / 2 / looksPerHalf, 3_600_000);
  }

  /** The value of an entry with a signature that holds from now on. */
  sign(key: string, value: string): string {
    const { keyName, validityMs } = this.#settings;
    const notAfterMs = this.#now() + validityMs;
    return sealed(key, value, {
      keyName,
      notAfterMs,
      sign: (bytes) => sign(null, bytes, this.#key),
    });
  }

  /** Whether half of the time is over in which a signature holds. */
  isDue(value: string): boolean {
    const notAfterMs = sealOf(value)?.notAfterMs ?? 0;
    return notAfterMs - this.#now() <= this.#settings.validityMs / 2;
  }
}

/** Throws PRESENCE_SIGNING_KEY_UNUSABLE. */
export async function readSigner(settings: SignSettings): Promise<Signer> {
  const { keyFile: path } = settings;
  const unusable = (why: string, cause?: unknown) =>
    faults.PRESENCE_SIGNING_KEY_UNUSABLE({ path, why }, cause);
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw unusable("it cannot be read", error);
  });
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch (error) {
    throw unusable("expected a private key in PEM, without a password", error);
  }
  if (key.asymmetricKeyType !== "ed25519")
    throw unusable(`it is a key of ${key.asymmetricKeyType}: expected ed25519`);
  return new Signer(settings, key);
}
