import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import { race } from "../../lib/base/signal.ts";
import { nextTurn } from "../../lib/base/slices.ts";
import type { PresencePlan } from "../../lib/config/plan.ts";
import type { Present, Requested } from "../../lib/presence/contract.ts";
import { nextDeadlineMs, toRegister } from "../../lib/presence/drain.ts";
import { computeEntries, emptyRegistration } from "../../lib/presence/entries.ts";
import { type Placing, placesOf } from "../../lib/presence/places.ts";
import { underKnownNames } from "../../lib/presence/renamed.ts";
import { roster } from "../../lib/presence/roster.ts";
import type { Liveness } from "../../lib/status/liveness.ts";
import { EntrySigning } from "./sign-entries.ts";
import type { PresenceState } from "./state.ts";

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
  { format, stamp, sign, ...placing }: Placing & Pick<PresencePlan, "format" | "stamp" | "sign">,
  { found, health, applied, desired }: Inputs,
  { clock, registration }: EntriesDeps,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(placing);
  const signing = await EntrySigning.open(sign);
  let current = emptyRegistration;
  let { instances } = current.roster;
  let present: readonly Present[] = [];
  let seen: object | undefined;
  for (;;) {
    const nowMs = clock.now();
    const deadlineMs = nextDeadlineMs(applied.value.draining, nowMs);
    const healthVersion = health.version;
    const hasFormerNames = present !== found.value.found;
    const latest = {
      ...{ found: found.version, applied: applied.version },
      ...{ deadlineMs, health: hasFormerNames ? healthVersion : undefined },
    };
    // With the same list of instances, the roster looks at changes of their health only.
    if (!isDeepStrictEqual(latest, seen)) {
      present = underKnownNames(present, found.value.found, (name) => health.value.has(name));
      instances = toRegister(present, applied.value, nowMs, format);
      seen = latest;
    }
    const members = roster(current.roster, instances, health.value);
    const stamping = stamp && { stampMs: Date.now() };
    const settings = { places, format, ...stamping, ...signing.settings };
    current = signing.renewed(computeEntries(current, members, settings), nowMs);
    if (current.entries !== desired.value) {
      desired.set(current.entries);
      registration.deadline();
    }
    await race(
      signal,
      (s) => found.newer(latest.found, s),
      (s) => health.newer(healthVersion, s),
      (s) => applied.newer(latest.applied, s),
      ...signing.waits(clock),
      ...(deadlineMs === undefined ? [] : [(s: AbortSignal) => clock.sleep(deadlineMs - nowMs, s)]),
    );
    // The verdicts of all probes that have ended at the same time are one change.
    await nextTurn(signal);
  }
}
