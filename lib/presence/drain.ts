import type { Format } from "../model/encode.ts";
import type { Entry } from "../model/entry.ts";
import type { Instance } from "../model/instance.ts";
import type { Draining, Present } from "./contract.ts";
import { nameOf } from "./roster.ts";

/**
 * Those of whom the keyspace is to say, at `nowMs`, how they are: not those that are down by somebody's word, nor
 * those whose time is over. Who leaves has weight 0 until then, or is gone at once where entries have no weight. Who
 * is what they were is the same object.
 */
export function toRegister(
  present: readonly Present[],
  leaving: Draining,
  nowMs: number,
  format: Format,
): readonly Instance[] {
  return present.flatMap(({ instance, standing }) => {
    if (standing.state === "down") return [];
    const untilMs = leaving.get(nameOf(instance));
    if (untilMs === undefined) return [instance];
    return untilMs > nowMs && format === "json" ? [weightless(instance)] : [];
  });
}

/** When the next one's time is over; undefined where nobody's is to come. */
export function nextDeadlineMs(leaving: Draining, nowMs: number): number | undefined {
  const coming = [...leaving.values()].filter((ms) => ms > nowMs && Number.isFinite(ms));
  return coming.length > 0 ? Math.min(...coming) : undefined;
}

/**
 * Who leaves after a change of who is there: those that were told to, while they are there, and from now on for
 * `lingerMs` those of whom somebody says that they are about to end.
 */
export function drainingAfter(
  before: Draining,
  present: readonly Present[],
  lingerMs: number,
  nowMs: number,
): Draining {
  const after = new Map<string, number>();
  for (const { instance, standing } of present) {
    const name = nameOf(instance);
    const untilMs = before.get(name);
    if (untilMs !== undefined) after.set(name, untilMs);
    else if (standing.state === "draining") after.set(name, nowMs + lingerMs);
  }
  return after;
}

/** At which revisions the keyspace shows that instances take no requests, by key. */
export interface MarkedEntries {
  readonly revisions: ReadonlyMap<string, string>;
  /** It shows so of all that it is to have. */
  readonly isComplete: boolean;
}

/** What is shown of those that leave: a key counts once its entry is the one that is wanted, with weight 0. */
export function markedAt(
  keys: readonly string[],
  wanted: ReadonlyMap<string, string>,
  shown: Pick<ReadonlyMap<string, Entry>, "get"> | undefined,
): MarkedEntries {
  const announced = keys.filter((key) => wanted.has(key));
  const revisions = announced.flatMap((key) => {
    const [value, entry] = [wanted.get(key), shown?.get(key)];
    const isShown = entry?.value === value && isWeightless(value);
    return isShown && entry ? [[key, entry.revision] as const] : [];
  });
  return { revisions: new Map(revisions), isComplete: revisions.length === announced.length };
}

/** An entry that is an address (format `address`) has no weight. */
function isWeightless(value = ""): boolean {
  return value.startsWith("{") && (JSON.parse(value) as { readonly weight?: number }).weight === 0;
}

const drained = new WeakMap<Instance, Instance>();

function weightless(instance: Instance): Instance {
  const known = drained.get(instance) ?? { ...instance, weight: 0 };
  drained.set(instance, known);
  return known;
}
