import type { Clock } from "../../lib/base/clock.ts";
import type { Registration } from "../../lib/presence/contract.ts";
import { resigned, withRenewed } from "../../lib/presence/entries.ts";
import { readSigner, type Signer, type SignSettings } from "../../lib/presence/signer.ts";

/** Signs the entries of an agent, and renews signatures from time to time; without a signer, it does nothing. */
export class EntrySigning {
  /** For `computeEntries`. */
  readonly settings: { readonly signer?: Signer };
  readonly #signer: Signer | undefined;
  /** When to look for signatures that are due, in milliseconds of the clock. */
  #nextLookMs = 0;

  constructor(signer: Signer | undefined) {
    this.#signer = signer;
    this.settings = signer ? { signer } : {};
  }

  /** Throws PRESENCE_SIGNING_KEY_UNUSABLE. */
  static async open(sign: SignSettings | undefined): Promise<EntrySigning> {
    return new EntrySigning(sign && (await readSigner(sign)));
  }

  /** The registration with new signatures, or without any if there is no signer, whatever the entries have. */
  anew(registration: Registration): Registration {
    return resigned(registration, this.#signer);
  }

  /** The registration with new signatures where they are due. */
  renewed(registration: Registration, nowMs: number): Registration {
    if (!this.#signer || nowMs < this.#nextLookMs) return registration;
    this.#nextLookMs = nowMs + this.#signer.renewEveryMs;
    return withRenewed(registration, this.#signer);
  }

  /** Resolves when signatures may be due; never without a signer. */
  waits(clock: Clock): readonly ((signal: AbortSignal) => Promise<void>)[] {
    if (!this.#signer) return [];
    return [(s) => clock.sleep(Math.max(0, this.#nextLookMs - clock.now()), s)];
  }
}
