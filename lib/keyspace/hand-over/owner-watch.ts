import { decodeOwner, type Owner, ownerKeyOf } from "../../model/hand-over-entry.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { OwnerStates } from "../conflicts.ts";

/** The entries that other sessions hold with our values. */
export interface HeldEntries {
  /** The session that holds each, by key. */
  readonly owners: ReadonlyMap<string, string>;
  /** The sessions that have taken entries over from ours. */
  readonly takenBy: ReadonlySet<string>;
}

/** A change of what is known of an owner. */
export interface OwnerNews {
  readonly owner: string;
  readonly state: "alive" | "yields";
  /** Why its entries are taken over; empty while it is alive. */
  readonly why: string;
}

/** What follows from the entries of the owners at one moment. */
export interface OwnersNow {
  readonly states: OwnerStates;
  readonly news: readonly OwnerNews[];
  /** The questions to ask now: their numbers by owner. */
  readonly asks: ReadonlyMap<string, number>;
  /** The owners that need not be asked any longer: the questions to them are to be removed. */
  readonly left: readonly string[];
}

/** An owner as of the last look. */
interface KnownOwner {
  /** The number of the last question, and when it was written. */
  readonly ask: number;
  readonly askedAtMs: number;
  /** The question was written, and has neither been answered nor been given up. */
  readonly isPending: boolean;
  /** It has not answered in time. */
  readonly isSilent: boolean;
  readonly hasAnswered: boolean;
  /** Its entry was seen. */
  readonly isKnown: boolean;
  readonly isLeaving: boolean;
  readonly state: "alive" | "yields" | undefined;
}

const unknown: KnownOwner = {
  ...{ ask: 0, askedAtMs: Number.NEGATIVE_INFINITY, isPending: false, isSilent: false },
  ...{ hasAnswered: false, isKnown: false, isLeaving: false, state: undefined },
};

/**
 * Finds out whether the agents that hold our entries are alive: each is asked three times per TTL, by an entry that it
 * answers. One that does not answer has crashed, is frozen, or knows no hand-over. Its entry is replaced by ours with the
 * same value, so a wrong conclusion does no harm. This works with every store, and before the session has expired.
 */
export class OwnerWatch {
  readonly #session: string;
  readonly #askEveryMs: number;
  readonly #answerWithinMs: number;
  #known: ReadonlyMap<string, KnownOwner> = new Map();
  /** When the question to each owner is to be removed that holds nothing of ours any longer. */
  readonly #leftAtMs = new Map<string, number>();

  /** `session` is the one that asks, with its TTL. */
  constructor(session: string, ttlMs: number) {
    this.#session = session;
    this.#askEveryMs = ttlMs / 3;
    this.#answerWithinMs = Math.min(2000, ttlMs / 5);
  }

  /** `snapshot` has the entries of these owners. With `isDenied` they cannot be asked. */
  update(held: HeldEntries, snapshot: Snapshot, isDenied: boolean, nowMs: number): OwnersNow {
    const known = new Map<string, KnownOwner>();
    const news: OwnerNews[] = [];
    for (const owner of new Set(held.owners.values())) {
      const before = this.#known.get(owner) ?? unknown;
      const entry = decodeOwner(snapshot.get(ownerKeyOf(owner)));
      const now = this.#heard(before, entry, nowMs);
      const why = whyYielding(now, entry, isDenied);
      const state = stateOf(now, why, held.takenBy.has(owner));
      known.set(owner, { ...now, state });
      this.#leftAtMs.delete(owner);
      if (state && state !== before.state) news.push({ owner, state, why: why?.words ?? "" });
    }
    for (const [owner, { isLeaving }] of this.#known) {
      // An owner that hands over has to observe first that its entries are taken over: without a question it would drain them.
      if (!known.has(owner))
        this.#leftAtMs.set(owner, isLeaving ? nowMs + 3 * this.#askEveryMs : nowMs);
    }
    const due = [...this.#leftAtMs].filter(([, atMs]) => atMs <= nowMs);
    const left = due.map(([owner]) => owner);
    for (const owner of left) this.#leftAtMs.delete(owner);
    this.#known = known;
    return { ...this.#plan(nowMs), news, left };
  }

  /** Records that a question was written. */
  asked(owner: string, ask: number, nowMs: number): void {
    this.#change(owner, { ask, askedAtMs: nowMs, isPending: true });
  }

  /** Records that another standby asks this owner. It is alive as long as its entry is there. */
  isAskedByAnother(owner: string, nowMs: number): void {
    const isKnown = this.#known.get(owner)?.isKnown ?? false;
    this.#change(owner, { askedAtMs: nowMs, isPending: false, hasAnswered: isKnown });
  }

  /** When a question or an answer is due after `nowMs`, in milliseconds of the clock; undefined if none is. */
  nextDueMs(nowMs: number): number | undefined {
    const times = [...this.#known.values()].flatMap(({ askedAtMs, isPending, isSilent }) => [
      askedAtMs + this.#askEveryMs,
      ...(isPending && !isSilent ? [askedAtMs + this.#answerWithinMs] : []),
    ]);
    const all = [...times, ...this.#leftAtMs.values()];
    const nextMs = Math.min(...all.filter((ms) => ms > nowMs));
    return Number.isFinite(nextMs) ? nextMs : undefined;
  }

  #change(owner: string, change: Partial<KnownOwner>): void {
    const before = this.#known.get(owner);
    if (before) this.#known = new Map(this.#known).set(owner, { ...before, ...change });
  }

  #heard(before: KnownOwner, entry: Owner | undefined, nowMs: number): KnownOwner {
    const { ask, askedAtMs, isPending } = before;
    const answered = entry?.answered?.session === this.#session ? entry.answered.ask : 0;
    const isKnown = before.isKnown || entry !== undefined;
    const isLeaving = entry?.isLeaving ?? before.isLeaving;
    if (answered > 0 && answered >= ask) {
      return {
        ...before,
        isKnown,
        isLeaving,
        isPending: false,
        isSilent: false,
        hasAnswered: true,
      };
    }
    const isLate = isPending && nowMs >= askedAtMs + this.#answerWithinMs;
    return { ...before, isKnown, isLeaving, isSilent: before.isSilent || isLate };
  }

  #plan(nowMs: number): Pick<OwnersNow, "states" | "asks"> {
    const states = new Map<string, "alive" | "yields">();
    const asks = new Map<string, number>();
    for (const [owner, { ask, askedAtMs, state }] of this.#known) {
      if (state) states.set(owner, state);
      if (askedAtMs + this.#askEveryMs <= nowMs) asks.set(owner, ask + 1);
    }
    return { states, asks };
  }
}

interface Why {
  readonly words: string;
  /** By the word of the owner, or of the store; otherwise it is only concluded. */
  readonly isCertain: boolean;
}

function whyYielding(
  { isKnown, isSilent }: KnownOwner,
  entry: Owner | undefined,
  isDenied: boolean,
): Why | undefined {
  if (entry?.isLeaving) return { words: "it hands over", isCertain: true };
  if (isKnown && !entry) return { words: "its session has ended", isCertain: true };
  if (isSilent) return { words: "it does not answer", isCertain: false };
  if (isDenied) return { words: "it cannot be asked whether it is alive", isCertain: false };
  return undefined;
}

/**
 * One that has taken entries over from us keeps them until it has answered once: otherwise two agents that cannot answer
 * would take them from each other for ever.
 */
function stateOf(
  { hasAnswered, state }: KnownOwner,
  why: Why | undefined,
  hasTaken: boolean,
): KnownOwner["state"] {
  if (why) return why.isCertain || hasAnswered || !hasTaken ? "yields" : state;
  return hasAnswered ? "alive" : state;
}
