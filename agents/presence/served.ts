import { untilEach } from "../../lib/base/cell.ts";
import { runAll } from "../../lib/base/signal.ts";
import { withTimeout } from "../../lib/base/timeout.ts";
import type { Served, ServedRequest } from "../../lib/control/contract.ts";
import {
  type AskDeps,
  type Served as Asked,
  askServed,
  type ServedBy,
} from "../../lib/keyspace/acks/ask.ts";
import type { KeySink, KeySource } from "../../lib/keyspace/contract.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import type { Destinations, MissingThere } from "./destinations/destinations.ts";
import { listed } from "./listed.ts";
import type { PresenceState } from "./state.ts";

export interface ServedDeps extends Omit<AskDeps, "onMissing" | "onRead"> {
  readonly keyspace: KeySink & KeySource;
  /** Each counts as one more watcher. */
  readonly destinations?: Destinations | undefined;
  /** False while the keyspace is known to be unreachable. */
  readonly isReachable: () => boolean;
  /**
   * Called for each instance that was registered meanwhile and that the watchers serve, with the milliseconds from its put to the
   * last answer, for metrics.
   */
  readonly onServed?: (minShare: number, tookMs: number) => void;
  /** When the instances were put that were registered while they were asked for: kept by one that asks again and again. */
  readonly putMs?: Map<string, number>;
}

/** The entries in question, as they should be and as they are, and the session that has them. */
type ServedState = Pick<PresenceState, "desired" | "observed" | "storeKeys" | "session">;

/**
 * Waits until instances are registered, and then until the proxies of enough watchers send requests to them, `limitMs`
 * milliseconds at the most.
 */
export async function untilServed(
  placing: Placing,
  state: ServedState,
  { names, minShare, limitMs }: ServedRequest,
  { keyspace, destinations, clock, random, isReachable, onServed, putMs = new Map() }: ServedDeps,
  signal: AbortSignal,
): Promise<Served> {
  const { desired, observed, storeKeys, session } = state;
  const { keyOf } = placesOf(placing);
  const startMs = clock.now();
  const storeKeyOf = (name: string) => storeKeys.value.get(keyOf(name)) ?? keyOf(name);
  /** Undefined unless the keyspace has the entry that it should have. */
  const revisionOf = (name: string) => {
    const value = desired.value.get(keyOf(name));
    const entry = observed.value?.get(storeKeyOf(name));
    return value !== undefined && entry?.value === value ? entry.revision : undefined;
  };
  const cells = [desired, observed, storeKeys];
  const isRegistered = (name: string) => {
    if (revisionOf(name) !== undefined) return true;
    if (desired.value.has(keyOf(name)) && !putMs.has(name)) putMs.set(name, clock.now());
    return false;
  };
  const registering = (s: AbortSignal) => untilEach(cells, names, isRegistered, s);
  await withTimeout(limitMs, registering, () => {}, clock, signal);

  const wanted = new Map<string, string>();
  const nameAt = new Map<string, string>();
  for (const name of names) {
    const revision = revisionOf(name);
    if (revision === undefined) continue;
    wanted.set(storeKeyOf(name), revision);
    nameAt.set(storeKeyOf(name), name);
  }
  const restMs = Math.max(0, limitMs - (clock.now() - startMs));
  const id = `${session.value?.id ?? ""}.${Math.floor(random() * 36 ** 6).toString(36)}`;
  const serversBeside = (key: string) => destinations?.namesFor(nameAt.get(key) ?? "").length ?? 0;
  const question = { id, wanted, minShare, limitMs: restMs, serversBeside };
  const registered = [...nameAt.values()];
  let missingThere: readonly MissingThere[] = [];
  let asked: Asked = { instances: [], fault: undefined, isRead: false };
  await runAll(
    signal,
    async (s) => {
      asked = await askServed(keyspace, question, { clock, random }, s);
    },
    async (s) => {
      missingThere = (await destinations?.untilServing(registered, restMs, s)) ?? [];
    },
  );
  const missingOf = Map.groupBy(missingThere, ({ name }) => name);
  const nowMs = clock.now();
  const all = asked.instances.map((one) => {
    const name = nameAt.get(one.key) ?? "";
    return { name, ...without(missingOf.get(name) ?? [], one, minShare) };
  });
  for (const { name, isServed } of all) {
    const sinceMs = putMs.get(name);
    if (!isServed || sinceMs === undefined) continue;
    onServed?.(minShare, nowMs - sinceMs);
    putMs.delete(name);
  }
  const answers = new Map(all.map((one) => [one.name, one]));
  return {
    instances: names.map((name) => {
      const answer = answers.get(name);
      return answer ? answerFor(name, answer, asked) : unregistered(name, isReachable());
    }),
  };
}

/** How many serve it, without the destinations that do not. */
function without(places: readonly MissingThere[], by: ServedBy, minShare: number): ServedBy {
  if (places.length === 0) return by;
  const serving = by.serving - places.length;
  const missing = [...by.missing, ...places.map(({ destination }) => destination)].sort();
  return { ...by, serving, missing, isServed: serving >= Math.ceil(by.watchers * minShare) };
}

type Answer = Served["instances"][number];

function unregistered(name: string, isKnown: boolean): Answer {
  const nothing = { isServed: false, serving: 0, watchers: 0, missing: [] };
  const why = isKnown ? "it is not registered" : "the keyspace is unreachable";
  return { name, ...nothing, isKnown, why };
}

function answerFor(
  name: string,
  { isServed, serving, watchers, missing }: ServedBy,
  { fault, isRead }: Pick<Asked, "fault" | "isRead">,
): Answer {
  const counts = { name, serving, watchers, missing };
  if (isServed) return { ...counts, isServed, isKnown: true, why: "" };
  const cause = fault
    ? `watchers cannot be asked: ${fault.message}`
    : "watchers were not read in time";
  if (fault || !isRead) return { ...counts, isServed, isKnown: false, why: cause };
  const why =
    watchers === 0
      ? "no watcher reads its service"
      : `${serving} of ${watchers} watchers serve it; missing: ${listed(missing)}`;
  return { ...counts, isServed, isKnown: true, why };
}
