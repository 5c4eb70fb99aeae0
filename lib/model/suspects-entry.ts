import { type Entry, isWithinAny } from "./entry.ts";
import { parseObject } from "./formats/json.ts";
import type { Watcher } from "./watcher-entry.ts";

/**
 * The folder in which a watcher has an entry for as long as its proxies fail to use some instances. It is not that of the watchers: an
 * agent that follows their entries would be woken by each acknowledgement of each of them.
 */
export const suspectsFolder = "/sidekick/suspects";

/** What proxies may have against an instance. */
export const suspicions = ["cannot connect", "responses fail", "excluded"] as const;

/** What the proxies of a watcher have against an instance, while its own check may pass. */
export interface Suspect {
  readonly suspicion: (typeof suspicions)[number];
  /** Why they exclude it, as a clause; empty otherwise. */
  readonly why: string;
}

/** By the key of the instance. */
export type Suspects = ReadonlyMap<string, Suspect>;

/** The instances that the proxies of a watcher fail to use. */
export interface WatcherSuspects {
  /** The name of the watcher. */
  readonly watcher: string;
  readonly suspects: Suspects;
}

/** An entry has at most so many of them, the first ones in key order, and so much of a reason, in characters. */
const [mostSuspects, mostOfReason] = [100, 100];

/** The key of the entry of a watcher, by its name. */
export function suspectsKeyOf(watcher: string): string {
  return `${suspectsFolder}/${watcher}`;
}

/** `{"session":"7588","suspects":{"/services/web/10.0.0.1:80":"cannot connect"}}`; a reason follows after a colon. */
export function encodeSuspects(session: string | undefined, suspects: Suspects): string {
  const sorted = [...suspects].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, mostSuspects);
  const texts = sorted.map(([key, { suspicion, why }]) => {
    return [key, why === "" ? suspicion : `${suspicion}: ${why.slice(0, mostOfReason)}`];
  });
  return JSON.stringify({ session, suspects: Object.fromEntries(texts) });
}

/**
 * What an entry has against instances; undefined unless its own session keeps it, since otherwise it may be left for ever. What does
 * not have the form of a suspicion is left out.
 */
export function decodeSuspects({ key, value, owner }: Entry): WatcherSuspects | undefined {
  const { session, suspects } = parseObject(value) ?? {};
  if (owner === undefined || session !== owner) return undefined;
  const all = typeof suspects === "object" && suspects !== null ? Object.entries(suspects) : [];
  const known = all.slice(0, mostSuspects).flatMap(([instance, text]) => {
    const suspect = typeof text === "string" ? suspectIn(text) : undefined;
    return suspect ? [[instance, suspect] as const] : [];
  });
  return { watcher: key.slice(suspectsFolder.length + 1), suspects: new Map(known) };
}

function suspectIn(text: string): Suspect | undefined {
  const suspicion = suspicions.find((one) => text === one || text.startsWith(`${one}: `));
  if (suspicion === undefined) return undefined;
  return { suspicion, why: text.slice(suspicion.length + 2, suspicion.length + 2 + mostOfReason) };
}

/** The watchers that use an instance and whose proxies fail to. */
export interface Reporters {
  /** By the name of the watcher, in the order of the names. */
  readonly failing: ReadonlyMap<string, Suspect>;
  /** How many watchers use the instance. */
  readonly of: number;
}

/** Which of these watchers report an instance; a report of a watcher that does not read its folder does not count. */
export function reportersOf(
  key: string,
  reports: readonly WatcherSuspects[],
  watchers: readonly Pick<Watcher, "name" | "prefixes">[],
): Reporters {
  const using = watchers.filter(({ prefixes }) => isWithinAny(key, prefixes));
  const names = new Set(using.map(({ name }) => name));
  const failing = reports.flatMap(({ watcher, suspects }) => {
    const suspect = names.has(watcher) ? suspects.get(key) : undefined;
    return suspect ? [[watcher, suspect] as const] : [];
  });
  return { failing: new Map(failing.sort(([a], [b]) => (a < b ? -1 : 1))), of: using.length };
}

/** `cannot connect to it`, `exclude it, since its check gets no response in time (L7TOUT)`: with proxies as the subject. */
export function describeSuspect({ suspicion, why }: Suspect, count = 2): string {
  const s = count === 1 ? "s" : "";
  if (suspicion === "cannot connect") return "cannot connect to it";
  if (suspicion === "responses fail") return `get${s} failed responses from it`;
  return `exclude${s} it${why && `: ${why}`}`;
}
