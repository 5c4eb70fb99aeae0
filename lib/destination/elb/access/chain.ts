import { Fault } from "../../../base/fault.ts";
import { faults } from "../../faults.ts";
import type { WallClock } from "../wall-clock.ts";
import type { Credentials, Source } from "./credentials.ts";

/** How long before they expire credentials are renewed, and how long until the next attempt, in milliseconds. */
const [renewBeforeMs, againMs] = [5 * 60_000, 60_000];

/** The credentials of the first source that has some, renewed before they expire. */
export class CredentialChain {
  readonly #name: string;
  readonly #sources: readonly Source[];
  readonly #wallClock: WallClock;
  readonly #random: () => number;
  #current: Credentials | undefined;
  #renewAtMs = Number.POSITIVE_INFINITY;

  constructor(
    name: string,
    sources: readonly Source[],
    wallClock: WallClock,
    random: () => number,
  ) {
    this.#name = name;
    this.#sources = sources;
    this.#wallClock = wallClock;
    this.#random = random;
  }

  /** The source of the current credentials; undefined if there are none yet. */
  get source(): string | undefined {
    return this.#current?.source;
  }

  /**
   * Throws DESTINATION_ACCESS_DENIED if no source has any. While credentials are valid, a source that fails to renew them
   * is no fault.
   */
  async get(signal: AbortSignal): Promise<Credentials> {
    const [current, nowMs] = [this.#current, this.#wallClock.nowMs()];
    if (current && nowMs < this.#renewAtMs) return current;
    try {
      const fresh = await this.#first(signal);
      this.#current = fresh;
      this.#renewAtMs = this.#dueMs(fresh);
      return fresh;
    } catch (error) {
      if (!current || !(error instanceof Fault) || isOver(current, nowMs)) throw error;
      this.#renewAtMs = nowMs + againMs;
      return current;
    }
  }

  /** Makes the next `get` read them anew: AWS has rejected them. */
  drop(): void {
    this.#current = undefined;
  }

  async #first(signal: AbortSignal): Promise<Credentials> {
    const reasons: string[] = [];
    for (const source of this.#sources) {
      const found = await source(signal);
      if (typeof found !== "string") return found;
      reasons.push(found);
    }
    const hint = "set accessKeyId, the environment, or a role of the container or the machine";
    const why = `no credentials: ${reasons.join("; ")}`;
    throw faults.DESTINATION_ACCESS_DENIED({
      name: this.#name,
      action: "sign requests",
      why,
      hint,
    });
  }

  /** Between 5 and 6 minutes before they expire, but not before half of their time is over. */
  #dueMs({ expiresAtMs }: Credentials): number {
    if (expiresAtMs === undefined) return Number.POSITIVE_INFINITY;
    const nowMs = this.#wallClock.nowMs();
    const earlyMs = expiresAtMs - renewBeforeMs - this.#random() * againMs;
    return Math.max(earlyMs, nowMs + (expiresAtMs - nowMs) / 2);
  }
}

function isOver({ expiresAtMs = Number.POSITIVE_INFINITY }: Credentials, nowMs: number): boolean {
  return nowMs >= expiresAtMs;
}
