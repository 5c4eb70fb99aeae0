import type { Entry } from "./entry.ts";
import { parseObject } from "./formats/json.ts";

/** The folder of the questions to the owners of entries, and the one of their answers. */
export const [standbyFolder, ownersFolder] = ["/sidekick/standby", "/sidekick/owners"];

/** The key at which an agent that waits for the entries of a session asks whether the session's agent is alive. */
export const standbyKeyOf = (owner: string): string => `${standbyFolder}/${owner}`;

/** The key at which the agent of a session answers. */
export const ownerKeyOf = (owner: string): string => `${ownersFolder}/${owner}`;

/** The entry of a standby: its question to the owner. */
export interface Standby {
  /** The session of the standby, which keeps the entry. */
  readonly session: string;
  /** Counts the questions of this standby to this owner. */
  readonly ask: number;
}

/** The entry of an owner: its answer. */
export interface Owner {
  /** The session of the owner, which keeps the entry. */
  readonly session: string;
  /** The last question that it has read. */
  readonly answered: Standby | undefined;
  /** It is about to end its session: the standby is to take its entries over. */
  readonly isLeaving: boolean;
}

/** `{"session":"7588","ask":3}` */
export function encodeStandby({ session, ask }: Standby): string {
  return JSON.stringify({ session, ask });
}

/** `{"session":"7587","answered":{"session":"7588","ask":3},"leaving":false}` */
export function encodeOwner({ session, answered, isLeaving }: Owner): string {
  return JSON.stringify({ session, answered, leaving: isLeaving });
}

/** The standby that an entry stands for; undefined unless its own session keeps the entry. */
export function decodeStandby(entry: Entry | undefined): Standby | undefined {
  const standby = standbyOf(parseObject(entry?.value ?? ""));
  return standby?.session === entry?.owner ? standby : undefined;
}

/** The owner that an entry stands for; undefined unless its own session keeps the entry. */
export function decodeOwner(entry: Entry | undefined): Owner | undefined {
  const { session, answered, leaving } = parseObject(entry?.value ?? "") ?? {};
  if (typeof session !== "string" || session !== entry?.owner) return undefined;
  return { session, answered: standbyOf(answered), isLeaving: leaving === true };
}

function standbyOf(value: unknown): Standby | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { session, ask } = value as { readonly session?: unknown; readonly ask?: unknown };
  return typeof session === "string" && typeof ask === "number" ? { session, ask } : undefined;
}
