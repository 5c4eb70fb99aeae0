import { Cell } from "../../../lib/base/cell.ts";
import { ArrivalTracker } from "../../../lib/view/policies/arrival-tracker.ts";
import type { PolicyRules } from "../../../lib/view/policies/contract.ts";
import { hasPolicy } from "../../../lib/view/policies/rules.ts";
import type { TemplateGroup } from "../groups.ts";
import { GroupPolicies, type PolicyDeps, type PolicyInputs } from "./group-policies.ts";
import type { WatcherOrder } from "./watcher-order.ts";

/** The policies of a watcher, and what they depend on beside the services. */
export class Policies implements PolicyInputs {
  readonly rules: PolicyRules;
  /** Which instances are new: undefined if no service has a slow start, or no proxy can have one. */
  readonly arrivals: ArrivalTracker | undefined;
  /** The watchers of the keyspaces: `followOrder`. Undefined until they were read. */
  readonly order = new Cell<WatcherOrder | undefined>(undefined);
  readonly #deps: PolicyDeps;
  readonly #groups = new WeakMap<TemplateGroup, GroupPolicies>();

  constructor(
    rules: PolicyRules = { all: {}, services: {} },
    groups: readonly TemplateGroup[],
    deps: PolicyDeps,
  ) {
    const canStartSlowly = groups.some(({ proxy }) => proxy?.weighs);
    this.rules = rules;
    this.arrivals =
      canStartSlowly && hasPolicy(rules, "slowStart") ? new ArrivalTracker(rules) : undefined;
    this.#deps = deps;
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
