import type { Entry } from "./entry.ts";
import { parseObject } from "./formats/json.ts";

/** The folder in which watchers queue for their turn to reload: a folder for each group, with an entry for each watcher that waits or reloads. */
export const turnsFolder = "/sidekick/turns";

export function turnsFolderOf(group: string): string {
  return `${turnsFolder}/${group}`;
}

/** The value of the entry of a turn. It is never rewritten: the revision of the entry is its place in the queue. */
export interface TurnValue {
  /** The session that keeps the entry. */
  readonly session: string;
  /** The name of the watcher, as in its own entry. */
  readonly watcher: string;
  /** How many may reload at a time as far as this watcher is concerned, at least 1. */
  readonly max: number;
  /** The names of the templates whose proxy has to reload. */
  readonly for: string;
  /** When it was written by the clock of the watcher's machine: ISO 8601, UTC. */
  readonly since: string;
  /** Distinguishes the entry from earlier ones of the same session. */
  readonly n: number;
}

/** An entry that counts. */
export interface QueuedTurn extends Omit<TurnValue, "session" | "n"> {
  readonly key: string;
  /** Its place in the order of the store. */
  readonly revision: bigint;
}

export function encodeTurn({ session, watcher, max, for: what, since, n }: TurnValue): string {
  return JSON.stringify({ session, watcher, max, for: what, since, n });
}

/** The turn that an entry stands for, or why it stands for none: its own session has to keep it, else it may be left for ever. */
export function decodeTurn(entry: Entry): QueuedTurn | { readonly why: string } {
  const { key, value, owner, revision } = entry;
  const { session, watcher, max, for: what, since } = parseObject(value) ?? {};
  if (typeof watcher !== "string" || typeof max !== "number" || !(max >= 1)) {
    return { why: "it is not the entry of a turn" };
  }
  if (owner === undefined) return { why: "no session keeps it" };
  if (session !== owner) return { why: "it does not name the session that keeps it" };
  if (!/^\d+$/.test(revision)) return { why: "the keyspace does not number its entries" };
  return {
    ...{ key, revision: BigInt(revision), watcher, max: Math.floor(max) },
    for: typeof what === "string" ? what : "",
    since: typeof since === "string" ? since : "",
  };
}
