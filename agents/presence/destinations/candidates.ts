import { isDeepStrictEqual } from "node:util";
import type { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import { race } from "../../../lib/base/signal.ts";
import { nextTurn } from "../../../lib/base/slices.ts";
import type { Candidate, Wish } from "../../../lib/destination/decide.ts";
import type { Verdict } from "../../../lib/model/verdict.ts";
import type { Present, Requested } from "../../../lib/presence/contract.ts";
import { drainOf, isLeftToOther, nextDeadlineMs } from "../../../lib/presence/drain.ts";
import { underKnownNames } from "../../../lib/presence/renamed.ts";
import { nameOf } from "../../../lib/presence/roster.ts";
import { weightOf, withWeight } from "../../../lib/presence/weight.ts";
import type { PresenceState } from "../state.ts";

/** What candidates are computed from. */
interface Inputs extends Pick<PresenceState, "found" | "health" | "candidates"> {
  readonly applied: Cell<Requested>;
}

/** Keeps `candidates` equal to what each instance should be in destinations; leaves the cell alone while that is the same. */
export async function keepCandidates(
  { found, health, applied, candidates }: Inputs,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let present: readonly Present[] = [];
  for (;;) {
    const nowMs = clock.now();
    const cells = [found, health, applied];
    const versions = cells.map(({ version }) => version);
    const isKnown = (name: string) => health.value.has(name);
    present = underKnownNames(present, found.value.found, isKnown);
    const verdictOf = (name: string) => health.value.get(name)?.verdict ?? "unknown";
    const now = {
      candidates: present.map((one) => candidateOf(one, verdictOf, applied.value, nowMs)),
      isComplete: found.value.isComplete,
    };
    if (!isDeepStrictEqual(now, candidates.value)) candidates.set(now);
    const deadlineMs = nextDeadlineMs(applied.value.draining, nowMs);
    await race(
      signal,
      ...cells.map((cell, i) => (s: AbortSignal) => cell.newer(versions[i] ?? 0, s)),
      ...(deadlineMs === undefined ? [] : [(s: AbortSignal) => clock.sleep(deadlineMs - nowMs, s)]),
    );
    // The verdicts of all probes that have ended at the same time are one change.
    await nextTurn(signal);
  }
}

function candidateOf(
  one: Present,
  verdictOf: (name: string) => Verdict,
  requested: Requested,
  nowMs: number,
): Candidate {
  const name = nameOf(one.instance);
  const instance = withWeight(one.instance, weightOf(one, requested.weights)?.weight);
  return { name, instance, wish: wishFor(one, verdictOf(name), requested, nowMs) };
}

function wishFor(one: Present, verdict: Verdict, { draining }: Requested, nowMs: number): Wish {
  if (one.standing.state === "down") return "remove";
  const drain = drainOf(one, draining);
  if (drain && isLeftToOther(drain)) return "keep";
  if (drain) return verdict === "up" && drain.untilMs > nowMs ? "drain" : "remove";
  if (verdict === "unknown") return "keep";
  return verdict === "up" ? "register" : "removeUnhealthy";
}
