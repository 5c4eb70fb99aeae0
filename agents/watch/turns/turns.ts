import type { Cell } from "../../../lib/base/cell.ts";
import { FaultReports } from "../../../lib/base/fault-reporter.ts";
import { ordinal } from "../../../lib/base/ordinal.ts";
import { runEach } from "../../../lib/base/run-each.ts";
import { race } from "../../../lib/base/signal.ts";
import type { TogetherPlan, WatchPlan } from "../../../lib/config/plan.ts";
import type { Place } from "../../../lib/keyspace/turns/queue.ts";
import type { Acknowledgements } from "../acknowledge.ts";
import type { TemplateGroup } from "../groups.ts";
import { judgeOf } from "../judge.ts";
import { logQuarantine } from "../quarantine-log.ts";
import type { WatchDeps, WatchState } from "../state.ts";
import { GroupTurn } from "./group-turn.ts";
import { keepTurn } from "./keep.ts";
import { isProved, Peers, refusedByPeers, slotsOf } from "./peers.ts";
import { useTurn } from "./use.ts";

/** How long an entry is quarantined that a peer was refused, in milliseconds. */
const believedMs = 300_000;

/** How long a turn is kept at the most until the keyspace has what came of it, in milliseconds. */
const publishMs = 3000;

/** How many digits of a digest peers see. */
export const judgeDigits = 12;

interface TurnTaker {
  /** The name of the watcher. */
  readonly id: string;
  readonly state: Pick<WatchState, "snapshot">;
  readonly acknowledgements: Pick<Acknowledgements, "writeFiles">;
}

/** Has every group with a proxy wait for its turn, if watchers take turns. */
export function giveTurns(
  { together }: WatchPlan,
  groups: readonly TemplateGroup[],
  { clock }: WatchDeps,
): void {
  if (!together) return;
  for (const group of groups) if (group.proxy) group.turn = new GroupTurn(together.group, clock);
}

/** Queues for the turns of the groups of a watcher, which a reload of the configuration may replace, until the signal aborts. */
export async function keepTurns(
  { together }: WatchPlan,
  groups: Cell<readonly TemplateGroup[]>,
  taker: TurnTaker,
  deps: WatchDeps,
  signal: AbortSignal,
): Promise<void> {
  if (!together) return;
  const faults = new FaultReports(`the turns of group ${together.group}`, deps.log, deps.clock);
  const isAlone = groups.value.filter(({ turn }) => turn).length === 1;
  let count = 0;
  const keep = async (group: TemplateGroup, s: AbortSignal) => {
    if (!group.turn) return;
    count += 1;
    const name = isAlone && count === 1 ? taker.id : `${taker.id}.${count}`;
    const own = { ...deps, reporter: faults.reporter() };
    await keepGroup(group, name, together, taker, own, s);
  };
  await runEach(groups, keep, signal);
}

type GroupDeps = WatchDeps & { readonly reporter: ReturnType<FaultReports["reporter"]> };

async function keepGroup(
  group: TemplateGroup,
  name: string,
  plan: TogetherPlan,
  { id, state, acknowledgements }: TurnTaker,
  { mounts, clock, random, log, reporter }: GroupDeps,
  signal: AbortSignal,
): Promise<void> {
  const { turn, title } = group;
  if (!turn) return;
  const { keyspace } = mounts.root;
  const peers = new Peers(keyspace, plan.group, id, clock);
  const judge = () => judgeOf(group).slice(0, judgeDigits);
  const heedPeers = async (s: AbortSignal) => {
    const snapshot = state.snapshot.value;
    const refused = snapshot ? refusedByPeers(await peers.read(s), judge(), snapshot) : [];
    logQuarantine(group.quarantine.believe(refused, believedMs), log);
  };
  const publish = (s: AbortSignal) =>
    race<void>(
      s,
      (t) => acknowledgements.writeFiles(t),
      (t) => clock.sleep(publishMs, t),
    );
  const onPlace = (place: Place) => {
    const isNews = turn.place === undefined && place.before >= place.slots;
    turn.place = place;
    if (!isNews) return;
    const sentence = `${title} waits for its turn to reload: ${ordinal(place.before + 1)} of group ${plan.group}`;
    log.info("turn_waits", sentence, {
      group: plan.group,
      place: place.before + 1,
      slots: place.slots,
    });
  };
  const using = { clock, log, heedPeers, publish };
  const keepDeps = {
    ...{ clock, random, reporter, onPlace },
    slots: async (s: AbortSignal) =>
      slotsOf(plan, "count" in plan.max ? 0 : 1 + (await peers.read(s)).length),
    mayShare: async (queued: ReadonlySet<string>, s: AbortSignal) =>
      !plan.canary || isProved(await peers.read(s), judge(), turn.waiting?.revision, queued),
    use: (permission: Parameters<typeof useTurn>[3], s: AbortSignal) =>
      useTurn(turn, title, plan, permission, using, s),
  };
  await keepTurn(keyspace, { turn, title, watcher: id, name }, plan, keepDeps, signal);
}
