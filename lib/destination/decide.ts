import { isDeepStrictEqual } from "node:util";
import type { Instance } from "../model/instance.ts";
import type { Destination, Observed, ObservedState, Wanted } from "./contract.ts";

/**
 * What an instance should be in a destination:
 * - `register`: registered, gets requests;
 * - `drain`: gets no new requests;
 * - `keep`: as it is there, since it is not known yet what it should be, or since another agent has it;
 * - `remove`: not registered;
 * - `removeUnhealthy`: the same because of its health, so that the last one that serves stays.
 */
export type Wish = "register" | "drain" | "keep" | "remove" | "removeUnhealthy";

/** An instance of this agent, and what it should be in every destination. */
export interface Candidate {
  /** `service/id`. */
  readonly name: string;
  readonly instance: Instance;
  readonly wish: Wish;
}

/** The instances of this agent. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Every discovery has completed: an instance that is missing does not exist. */
  readonly isComplete: boolean;
}

/** Before the first discovery. */
export const noCandidates: Candidates = { candidates: [], isComplete: false };

/** The state of a registration in a destination, as far as it is known. */
export interface Known {
  /** The instance for which it was requested or observed last. */
  readonly as: Wanted;
  /** A request to register it was accepted, and none to deregister it since. */
  readonly isConfirmed: boolean;
  /** A request to register it was made, whatever came of it, and none to deregister it was accepted since. */
  readonly mayExist: boolean;
  /** As observed last, or as it follows from a request that was accepted since; undefined if nothing is known. */
  readonly state: ObservedState | undefined;
  readonly why: string;
  /** Since when it has this state, in milliseconds of the clock. */
  readonly sinceMs: number;
  /** It stays although it is unhealthy, since the destination would serve no requests without it. */
  readonly isKept: boolean;
}

/** By registration: see `Destination.registrationOf`. */
export type KnownRegistrations = ReadonlyMap<string, Known>;

/** What to do in a destination now. A registration is in at most one of the first three lists. */
export interface Step {
  readonly register: readonly Wanted[];
  readonly deregister: readonly Wanted[];
  /** Deregister unless they are the last ones that serve. */
  readonly deregisterUnlessLast: readonly Wanted[];
  /** All that should be registered, for the next time that this is asserted. */
  readonly desired: readonly Wanted[];
  /** All of which the state is of interest. */
  readonly observe: readonly Wanted[];
  /** The state of some is about to change, or has to. */
  readonly isMoving: boolean;
  /** The registrations that are neither of interest nor there any longer. */
  readonly over: readonly string[];
}

/** The registration of each candidate, and the ones of earlier candidates that are known. */
interface Group {
  readonly registration: string;
  readonly known: Known | undefined;
  readonly candidates: readonly Candidate[];
}

/**
 * Compares the candidates with what is known of their registrations. A registration that several of them share is there for
 * as long as one of them should be registered. Known registrations without a candidate are of instances that are gone; they stay until
 * the candidates are complete.
 */
export function decide(
  { candidates, isComplete }: Candidates,
  known: KnownRegistrations,
  { registrationOf, keepsDraining }: Pick<Destination, "registrationOf" | "keepsDraining">,
): Step {
  const groups = groupsOf(candidates, known, registrationOf);
  const ofGone = isComplete ? "remove" : "keep";
  const decided = groups.map((group) => {
    const wish = strongest(group.candidates, keepsDraining) ?? ofGone;
    return { ...group, ...decideOn(group, wish) };
  });
  const wantedOf = (action: Action) =>
    decided.flatMap((one) => (one.action === action ? [one.wanted] : []));
  return {
    register: wantedOf("register"),
    deregister: wantedOf("deregister"),
    deregisterUnlessLast: wantedOf("deregisterUnlessLast"),
    desired: decided.flatMap(({ isDesired, wanted }) => (isDesired ? [wanted] : [])),
    observe: decided.flatMap(({ isOver, wanted }) => (isOver ? [] : [wanted])),
    isMoving: decided.some(({ isMoving }) => isMoving),
    over: decided.flatMap(({ isOver, registration }) => (isOver ? [registration] : [])),
  };
}

function groupsOf(
  candidates: readonly Candidate[],
  known: KnownRegistrations,
  registrationOf: Destination["registrationOf"],
): readonly Group[] {
  const byRegistration = Map.groupBy(candidates, ({ instance }) => registrationOf(instance));
  const all = new Set([...byRegistration.keys(), ...known.keys()]);
  return Array.from(all, (registration) => ({
    registration,
    known: known.get(registration),
    candidates: byRegistration.get(registration) ?? [],
  }));
}

type Action = "register" | "deregister" | "deregisterUnlessLast" | "none";

interface Decision {
  readonly wanted: Wanted;
  readonly action: Action;
  readonly isDesired: boolean;
  readonly isMoving: boolean;
  readonly isOver: boolean;
}

function decideOn({ known, candidates }: Group, wish: Wish): Decision {
  const wanted = wantedOf(candidates, known, wish);
  const state = known?.state;
  const decision = { wanted, isDesired: false, isOver: false };
  if (wish === "keep") return { ...decision, action: "none", isMoving: isPassing(state) };
  if (wish === "register" || wish === "drain") {
    const isThere = isAsWanted(known, wanted);
    const isMoving = !isThere || state !== (wanted.isDraining ? "draining" : "serving");
    return { ...decision, action: isThere ? "none" : "register", isMoving, isDesired: true };
  }
  if (known && (known.mayExist || isLive(known.state))) {
    const action = wish === "removeUnhealthy" ? "deregisterUnlessLast" : "deregister";
    return { ...decision, action, isMoving: true };
  }
  const isOver = candidates.length === 0 && state !== "draining";
  return { ...decision, action: "none", isMoving: isPassing(state), isOver };
}

/** Whether it was registered in this way, and is not observed to be anything else. */
function isAsWanted(known: Known | undefined, wanted: Wanted): boolean {
  if (!known?.isConfirmed || !isDeepStrictEqual(known.as, wanted)) return false;
  return known.state !== "absent" && (known.state !== "draining" || wanted.isDraining);
}

/** Whether an instance in this state gets requests, or may at any time. */
export function isLive(state: ObservedState | undefined): boolean {
  return state === "registering" || state === "serving" || state === "failing";
}

/** Whether a state passes by itself. */
function isPassing(state: ObservedState | undefined): boolean {
  return state === "registering" || state === "draining";
}

/** What the candidates of one registration want of it together; undefined without any. */
function strongest(candidates: readonly Candidate[], keepsDraining: boolean): Wish | undefined {
  const wishes = new Set(
    candidates.map(({ wish }) => (wish === "drain" && !keepsDraining ? "remove" : wish)),
  );
  const order = ["register", "drain", "keep", "remove", "removeUnhealthy"] as const;
  return order.find((wish) => wishes.has(wish));
}

/** The instance that stands for the registration: the one for which it is there, as long as that is among the candidates. */
function wantedOf(candidates: readonly Candidate[], known: Known | undefined, wish: Wish): Wanted {
  const willing = candidates.filter((one) => one.wish === wish);
  const all = willing.length > 0 ? willing : candidates;
  const same = all.find(({ name }) => name === known?.as.name) ?? all[0];
  const isDraining = wish === "drain";
  if (same) return { name: same.name, instance: same.instance, isDraining };
  if (known) return known.as;
  throw new TypeError("a registration without an instance");
}

/** The known registrations after an observation at `nowMs`: others stay as they were. */
export function knownAfterObservation(
  known: KnownRegistrations,
  observed: readonly {
    readonly registration: string;
    readonly as: Wanted;
    readonly is: Observed;
  }[],
  nowMs: number,
): KnownRegistrations {
  const after = new Map(known);
  for (const { registration, as, is } of observed) {
    const before = known.get(registration);
    after.set(registration, {
      ...(before ?? unknownRegistration(as)),
      ...is,
      sinceMs: before?.state === is.state ? before.sinceMs : nowMs,
    });
  }
  return after;
}

/** A registration before the first request. */
export function unknownRegistration(as: Wanted): Known {
  const nothing = { state: undefined, why: "", sinceMs: 0 };
  return { as, isConfirmed: false, mayExist: false, isKept: false, ...nothing };
}
