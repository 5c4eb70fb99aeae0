import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { WatchPlan } from "../../lib/config/plan.ts";
import type { Mounts } from "../../lib/keyspace/mounts/mounts.ts";
import type { TemplateGroup } from "./groups.ts";
import { GroupStatus } from "./status.ts";

/** What a watcher does: a reload of the configuration replaces it, but for the groups that are in both. */
export class Watched {
  readonly plan: Cell<WatchPlan>;
  readonly mounts: Cell<Mounts>;
  readonly groups: Cell<readonly TemplateGroup[]>;
  /** Of each group. They share the count of their news. */
  readonly statuses: Cell<readonly GroupStatus[]>;
  readonly #news = new Cell(0);
  readonly #clock: Clock;

  constructor(plan: WatchPlan, groups: readonly TemplateGroup[], mounts: Mounts, clock: Clock) {
    this.#clock = clock;
    this.plan = new Cell(plan);
    this.mounts = new Cell(mounts);
    this.groups = new Cell(groups);
    this.statuses = new Cell(groups.map((group) => new GroupStatus(group, clock, this.#news)));
  }

  /**
   * The groups for a plan: of the opened ones, each that the watcher has already is the same object as before, with all that it has
   * verified.
   */
  keeping(plan: WatchPlan, opened: readonly TemplateGroup[]): readonly TemplateGroup[] {
    if (!isDeepStrictEqual(rulesOf(plan), rulesOf(this.plan.value))) return opened;
    const firstOf = (group: TemplateGroup) => group.files[0]?.plan.target.path;
    const known = new Map(this.groups.value.map((group) => [firstOf(group), group]));
    return opened.map((group) => {
      const before = known.get(firstOf(group));
      return before && isDeepStrictEqual(plansOf(before), plansOf(group)) ? before : group;
    });
  }

  replace(plan: WatchPlan, groups: readonly TemplateGroup[], mounts: Mounts): void {
    const known = new Map(this.statuses.value.map((status) => [status.group, status]));
    const create = (group: TemplateGroup) => new GroupStatus(group, this.#clock, this.#news);
    this.plan.set(plan);
    this.mounts.set(mounts);
    this.groups.set(groups);
    this.statuses.set(groups.map((group) => known.get(group) ?? create(group)));
    this.#news.set(this.#news.value + 1);
  }
}

/** The settings of a watcher that a group has from its beginning. */
function rulesOf({ settle, promptSettle, retry, refreshMs, resolve }: WatchPlan) {
  return { settle, promptSettle, retry, refreshMs, resolve };
}

function plansOf({ files }: TemplateGroup) {
  return files.map(({ plan }) => plan);
}
