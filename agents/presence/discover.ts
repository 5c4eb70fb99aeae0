import type { Cell } from "../../lib/base/cell.ts";
import type { Log } from "../../lib/base/log.ts";
import { runAll } from "../../lib/base/signal.ts";
import type {
  Discovered,
  Discovery,
  FoundInstance,
  QuarantinedItem,
} from "../../lib/discover/contract.ts";
import { join } from "../../lib/discover/join.ts";
import type { CheckConfig } from "../../lib/health/kinds.ts";
import { nameOf } from "../../lib/presence/roster.ts";

/** What all discoveries have found together. */
export interface Discoveries extends Discovered<CheckConfig> {
  /** Each of them has looked by now. */
  readonly isComplete: boolean;
}

/** What was found before anybody looked. */
export const emptyDiscoveries: Discoveries = { found: [], quarantined: [], isComplete: false };

/** Keeps `found` equal to what all discoveries have found together, and says what is new about it. */
export async function discover(
  discoveries: readonly Discovery<CheckConfig>[],
  found: Cell<Discoveries>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const each = discoveries.map((): Discovered<CheckConfig> => emptyDiscoveries);
  const keep = (discovery: Discovery<CheckConfig>, i: number) => async (s: AbortSignal) => {
    for await (const discovered of discovery.discover(s)) {
      each[i] = discovered;
      const before = found.value;
      found.set({ ...join(each), isComplete: !each.includes(emptyDiscoveries) });
      sayFound(before.found, found.value.found, log);
      sayLeftOut(before.quarantined, found.value.quarantined, log);
    }
  };
  await runAll(signal, ...discoveries.map(keep));
}

function sayFound(
  before: readonly FoundInstance[],
  after: readonly FoundInstance[],
  log: Log,
): void {
  const was = new Map(before.map((one) => [nameOf(one.instance), one]));
  for (const one of after) {
    const name = nameOf(one.instance);
    const known = was.get(name);
    was.delete(name);
    if (known?.standing !== one.standing) sayStanding(name, known, one, log);
  }
  for (const id of was.keys()) log.info("instance_gone", `${id} is gone`, { id });
}

function sayStanding(
  id: string,
  known: FoundInstance | undefined,
  { standing }: FoundInstance,
  log: Log,
): void {
  const { state } = standing;
  const why = standing.state === "up" ? "" : standing.why;
  const words = known ? `${id} is ${state}` : `found ${id}`;
  const more = known || state === "up" ? why : `${state}: ${why}`;
  const say = known || state !== "up" ? log.info : log.debug;
  say(known ? "standing" : "found", `${words}${more && ` (${more})`}`, { id, state, why });
}

function sayLeftOut(
  before: readonly QuarantinedItem[],
  after: readonly QuarantinedItem[],
  log: Log,
): void {
  const said = new Set(before.map(({ what, why }) => `${what}: ${why}`));
  for (const { what, why } of after) {
    if (said.has(`${what}: ${why}`)) continue;
    log.warn("quarantined", `${what} is left out: ${why}`, { what, why });
  }
}
