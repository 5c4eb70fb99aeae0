import { isDeepStrictEqual } from "node:util";
import { Cell } from "../../../lib/base/cell.ts";
import { ArrivalTracker } from "../../../lib/view/policies/arrival-tracker.ts";
import type { PolicyRules } from "../../../lib/view/policies/contract.ts";
import { hasPolicy } from "../../../lib/view/policies/rules.ts";
import type { TemplateGroup } from "../groups.ts";
import { GroupPolicies, type PolicyDeps, type PolicyInputs } from "./group-policies.ts";
import type { WatcherOrder } from "./watcher-order.ts";

const none: PolicyRules = { all: {}, services: {} };

/** The policies of a watcher, and what they depend on beside the services. */
export class Policies implements PolicyInputs {
  /** The rules, which a reload of the configuration replaces. */
  readonly current: Cell<PolicyRules>;
  /** Which instances are new: undefined if no service has a slow start, or no proxy can have one. */
  arrivals: ArrivalTracker | undefined;
  /** The watchers of the keyspaces: `followOrder`. Undefined until they were read. */
  readonly order = new Cell<WatcherOrder | undefined>(undefined);
  readonly #deps: PolicyDeps;
  readonly #groups = new WeakMap<TemplateGroup, GroupPolicies>();

  constructor(rules: PolicyRules = none, groups: readonly TemplateGroup[], deps: PolicyDeps) {
    this.current = new Cell(rules);
    this.arrivals = startsSlowly(rules, groups) ? new ArrivalTracker(rules) : undefined;
    this.#deps = deps;
  }

  /** Other rules apply, or to other files: instances that are new stay new. */
  replace(rules: PolicyRules = none, groups: readonly TemplateGroup[]): void {
    const isSlow = startsSlowly(rules, groups);
    const before = this.arrivals;
    const isSame = isDeepStrictEqual(rules, this.rules);
    if (isSame && isSlow === (before !== undefined)) return;
    const own = isSame ? this.rules : rules;
    this.arrivals = isSlow ? new ArrivalTracker(own) : undefined;
    if (before) this.arrivals?.restore(before.newSince.value);
    const { views, clock } = this.#deps;
    this.arrivals?.observe(views.latest.value.effective, clock.now());
    this.current.set(own);
  }

  get rules(): PolicyRules {
    return this.current.value;
  }

  /** The policies as they are for the files of one group. */
  of(group: TemplateGroup): GroupPolicies {
    const known = this.#groups.get(group) ?? new GroupPolicies(group, this, this.#deps);
    this.#groups.set(group, known);
    return known;
  }

  get isNone(): boolean {
    const { all, services } = this.rules;
    return Object.keys(all).length === 0 && Object.keys(services).length === 0;
  }
}

function startsSlowly(rules: PolicyRules, groups: readonly TemplateGroup[]): boolean {
  return hasPolicy(rules, "slowStart") && groups.some(({ proxy }) => proxy?.weighs);
}
