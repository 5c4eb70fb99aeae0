import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { SharingMap } from "../../lib/base/sharing-map.ts";
import { race } from "../../lib/base/signal.ts";
import { nextTurn } from "../../lib/base/slices.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Present, Registration, Requested, Roster } from "../../lib/presence/contract.ts";
import { nextDeadlineMs, toRegister } from "../../lib/presence/drain.ts";
import { computeEntries, emptyRegistration } from "../../lib/presence/entries.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { underKnownNames } from "../../lib/presence/renamed.ts";
import { emptyRoster, roster } from "../../lib/presence/roster.ts";
import type { Liveness } from "../../lib/status/liveness.ts";
import { EntrySigning } from "./sign-entries.ts";
import type { PresenceState } from "./state.ts";

/** What the entries of instances look like, and where they are. */
type EntriesPlan = Placing & Pick<PresencePlan, "format" | "stamp" | "sign">;

/** What the entries are computed from. */
interface Inputs extends Pick<PresenceState, "found" | "health" | "desired"> {
  readonly applied: Cell<Requested>;
}

export interface EntriesDeps {
  readonly clock: Clock;
  /** The loop that has to follow when the entries change. */
  readonly registration: Liveness;
}

/**
 * Keeps `desired` equal to the entries of the healthy instances; leaves the cell alone while they are the same. A renamed
 * instance keeps its former name until its health is known under the new one.
 */
export async function keepDesired(
  plan: Cell<EntriesPlan>,
  { found, health, applied, desired }: Inputs,
  { clock, registration }: EntriesDeps,
  signal: AbortSignal,
): Promise<void> {
  let settings = plan.value;
  let signing = await EntrySigning.open(settings.sign);
  let current = emptyRegistration;
  let { instances } = current.roster;
  let present: readonly Present[] = [];
  let seen: object | undefined;
  for (;;) {
    const nowMs = clock.now();
    const deadlineMs = nextDeadlineMs(applied.value.draining, nowMs);
    const healthVersion = health.version;
    const planVersion = plan.version;
    const before = settings;
    settings = plan.value;
    const { format } = settings;
    const hasFormerNames = present !== found.value.found;
    const latest = {
      ...{ found: found.version, applied: applied.version, format },
      ...{ deadlineMs, health: hasFormerNames ? healthVersion : undefined },
    };
    // With the same list of instances, the roster looks at changes of their health only.
    if (!isDeepStrictEqual(latest, seen)) {
      present = underKnownNames(present, found.value.found, (name) => health.value.has(name));
      instances = toRegister(present, applied.value, nowMs, format);
      seen = latest;
    }
    const members = roster(current.roster, instances, health.value);
    if (!isDeepStrictEqual(settings.sign, before.sign)) {
      signing = await EntrySigning.open(settings.sign);
    }
    current = signing.renewed(computed(current, members, before, settings, signing), nowMs);
    if (current.entries !== desired.value) {
      desired.set(current.entries);
      registration.deadline();
    }
    await race(
      signal,
      (s) => found.newer(latest.found, s),
      (s) => health.newer(healthVersion, s),
      (s) => applied.newer(latest.applied, s),
      (s) => plan.newer(planVersion, s),
      ...signing.waits(clock),
      ...(deadlineMs === undefined ? [] : [(s: AbortSignal) => clock.sleep(deadlineMs - nowMs, s)]),
    );
    // The verdicts of all probes that have ended at the same time are one change.
    await nextTurn(signal);
  }
}

/** The registration of these members, where another plan may apply than `before`. A signature holds for one key. */
function computed(
  current: Registration,
  members: Roster,
  before: EntriesPlan,
  after: EntriesPlan,
  signing: EntrySigning,
): Registration {
  const known = after === before ? current : encodedAnew(current, members, before, after);
  const { format, stamp, sign } = after;
  const stamping = stamp && { stampMs: Date.now() };
  const rules = { places: placesOf(after), format, ...stamping, ...signing.settings };
  const registration = computeEntries(known, members, rules);
  const isSignedSo = known === current && isDeepStrictEqual(sign, before.sign);
  return isSignedSo ? registration : signing.anew(registration);
}

/** The registration from which all entries are computed again, where another plan may have other ones: only stamps are kept, and signatures, which may be wrong then. */
function encodedAnew(
  current: Registration,
  { members }: Roster,
  before: EntriesPlan,
  after: EntriesPlan,
): Registration {
  const [old, now] = [placesOf(before), placesOf(after)];
  const isElsewhere = (name: string) => old.keyOf(name) !== now.keyOf(name);
  const { entries, roster: former } = current;
  const isSame = isSameForm(before, after);
  if (isSame && ![...former.members.keys()].some(isElsewhere)) return current;
  // An instance that is not registered any longer must not be left behind.
  const names = [...former.members.keys()].filter((name) => members.has(name));
  const kept = names.flatMap((name) => {
    const [key, value] = [now.keyOf(name), entries.get(old.keyOf(name))];
    return value === undefined ? [] : [[key, value] as const];
  });
  return { roster: emptyRoster, entries: SharingMap.of(kept) };
}

function isSameForm(a: EntriesPlan, b: EntriesPlan): boolean {
  return a.format === b.format && a.stamp === b.stamp;
}
