import type { Cell } from "../../../lib/base/cell.ts";
import type { Clock } from "../../../lib/base/clock.ts";
import type { Log } from "../../../lib/base/log.ts";
import type { Reason } from "../../../lib/journal/contract.ts";
import { changesBetween } from "../../../lib/view/changes.ts";
import type { Pools } from "../../../lib/view/contract.ts";
import type { ArrivalTracker } from "../../../lib/view/policies/arrival-tracker.ts";
import type { PolicyRules, Ramp } from "../../../lib/view/policies/contract.ts";
import { policyFor } from "../../../lib/view/policies/rules.ts";
import { PoolShaper } from "../../../lib/view/policies/shaper.ts";
import type { Views } from "../../../lib/view/views.ts";
import { visibleChanges } from "../../../lib/view/visible.ts";
import type { Outcome } from "../apply.ts";
import type { TemplateGroup } from "../groups.ts";
import { targetsOf } from "../targets.ts";
import { type PlaceOf, placesIn, type WatcherOrder } from "./watcher-order.ts";

export interface PolicyDeps {
  readonly views: Pick<Views, "latest">;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the policies of a watcher depend on beside the services. */
export interface PolicyInputs {
  readonly rules: PolicyRules;
  /** No service has any policy. */
  readonly isNone: boolean;
  /** Which instances are new; undefined if that is of no use. */
  readonly arrivals: ArrivalTracker | undefined;
  /** The watchers of the keyspaces; undefined until they were read. */
  readonly order: Cell<WatcherOrder | undefined>;
}

const noRamps: ReadonlyMap<string, Ramp> = new Map();

/** The services with the weights by policies. */
export interface ShapedServices {
  readonly pools: Pools;
  /** Only shares of new instances have changed, for which the proxy must not be reloaded. */
  readonly isStep: boolean;
}

/** The services that a group was made from last. */
interface Applied {
  readonly from: Pools;
  readonly to: Pools;
  readonly order: unknown;
  readonly rules: PolicyRules;
}

/** The policies for the files of one group. */
export class GroupPolicies {
  readonly #group: TemplateGroup;
  readonly #policies: PolicyInputs;
  readonly #deps: PolicyDeps;
  readonly #shaper = new PoolShaper();
  #applied: Applied | undefined;
  #places: PlaceOf = () => undefined;
  /** The proxy was reloaded for the share of a new instance: there are no further ones. */
  #isWithoutRamps = false;

  constructor(group: TemplateGroup, policies: PolicyInputs, deps: PolicyDeps) {
    this.#group = group;
    this.#policies = policies;
    this.#deps = deps;
  }

  /** The services for a reconciliation with these reasons. */
  apply(from: Pools, reasons: readonly Reason[] = []): ShapedServices {
    const { arrivals, order, rules } = this.#policies;
    const before = this.#applied;
    arrivals?.observe(this.#deps.views.latest.value.effective, this.#deps.clock.now());
    const to = this.shape(from);
    this.#applied = { from, to, order: order.value, rules };
    const isSame = before?.from === from && before.order === order.value && before.rules === rules;
    const isStep = arrivals !== undefined && isSame && reasons.every((one) => one === "policy");
    return { pools: to, isStep };
  }

  /** The same without a reconciliation. */
  shape(from: Pools): Pools {
    const { rules, arrivals, order } = this.#policies;
    if (this.#policies.isNone) return from;
    const { proxy, quarantine } = this.#group;
    const weighs = arrivals !== undefined && proxy?.weighs === true;
    const nowMs = this.#deps.clock.now();
    this.#places = placesIn(order.value, this.#places);
    return this.#shaper.of(from, {
      policyOf: (service) => policyFor(service, rules, weighs),
      placeOf: (pool) => this.#places(pool),
      rampsOf: (service) =>
        arrivals && !this.#isWithoutRamps ? arrivals.rampsOf(service, nowMs) : noRamps,
      quarantined: quarantine.in(from.snapshot),
    });
  }

  /** Whether the files were made from the services as they are, if at all. */
  get isPlain(): boolean {
    return this.#applied?.from === this.#applied?.to;
  }

  /** Whether the files may be other ones by now, although the services are the same. */
  get isStale(): boolean {
    const { from, to } = this.#applied ?? {};
    if (!from || !to) return false;
    const now = this.shape(from);
    if (now === to) return false;
    const changes = changesBetween(to, now);
    return this.#group.files.some(({ plan, source }) =>
      source.dependsOn(visibleChanges(changes, now, plan.prefixes)),
    );
  }

  /** The reconciliation has ended. A proxy that was reloaded for the share of a new instance is not for another one. */
  settle(outcome: Pick<Outcome, "kind"> | Error, isStep: boolean): void {
    const applied = "applied" in outcome ? String(outcome.applied) : "";
    if (!isStep || !applied.startsWith("reloaded")) return;
    this.#isWithoutRamps = true;
    const targets = targetsOf(this.#group);
    const sentence = `${targets.join(", ")}: slow start is off until the next start, since its proxy was reloaded for a weight: ${applied}`;
    this.#deps.log.warn("slow_start_off", sentence, { targets });
  }
}
