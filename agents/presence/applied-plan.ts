import { Cell, untilAny } from "../../lib/base/cell.ts";
import type { Clock } from "../../lib/base/clock.ts";
import type { PresencePlan, ServicePlan } from "../../lib/config/plan.ts";
import { type ConfiguredService, instanceOf } from "../../lib/discover/static.ts";
import type { CheckConfig } from "../../lib/health/kinds.ts";
import { placesOf } from "../../lib/presence/places.ts";
import { nameOf } from "../../lib/presence/roster.ts";
import type { PresenceState } from "./state.ts";

/** A plan, with the services of the one before that are drained until they are removed. */
export interface AppliedPlan extends PresencePlan {
  /** The names of the instances that are about to be removed; absent where there are none. */
  readonly leaving?: ReadonlySet<string>;
}

/** How long an instance is known after its entry is removed, in milliseconds. */
const lingerMs = 100;

/** Why an instance is drained whose service the configuration no longer has. */
const removed = "it is removed from the configuration";

/** The plan of an agent, which a reload of the configuration replaces while the agent runs. */
export class AppliedPlans {
  readonly plan: Cell<AppliedPlan>;
  /** Its services, for discovery. */
  readonly services: Cell<readonly ConfiguredService<CheckConfig>[]>;

  constructor(plan: PresencePlan) {
    this.plan = new Cell<AppliedPlan>(plan);
    this.services = new Cell(servicesOf(plan));
  }

  /** Goes on with another plan: services that it does not have are drained, at the places where they are registered. */
  replace(next: PresencePlan): void {
    const before = this.plan.value;
    const kept = new Set(next.services.map(nameOfService));
    const left = before.services.filter((one) => !kept.has(nameOfService(one)));
    const path = (one: ServicePlan) => one.path ?? `${before.prefix}/${one.name}`;
    const services = [...next.services, ...left.map((one) => ({ ...one, path: path(one) }))];
    const leaving = new Set(left.map(nameOfService));
    this.#set(leaving.size === 0 ? next : { ...next, services, leaving });
  }

  /** Removes the services that were left, once the drain delay has passed and their entries are removed. */
  async removeLeft(
    { desired, confirmed }: Pick<PresenceState, "desired" | "confirmed">,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<never> {
    for (;;) {
      const { leaving, drainDelayMs } = await this.plan.until((one) => isLeaving(one), signal);
      await clock.sleep(drainDelayMs, signal);
      const { keyOf } = placesOf(this.plan.value);
      const names = [...(leaving ?? [])];
      const isGone = () =>
        names.every((name) => {
          const key = keyOf(name);
          return !desired.value.has(key) && !confirmed.value.has(key);
        });
      // One that is back is in both, and is not waited for.
      const isBack = () => !isLeaving(this.plan.value);
      await untilAny([desired, confirmed, this.plan], () => isGone() || isBack(), signal);
      // The end of the drain is logged first.
      await clock.sleep(lingerMs, signal);
      this.#remove(new Set(names));
    }
  }

  /** Removes those of some services that are still left: others may have come, and some be back. */
  #remove(names: ReadonlySet<string>): void {
    const { leaving = new Set<string>(), services, ...plan } = this.plan.value;
    const over = leaving.intersection(names);
    const rest = leaving.difference(names);
    const kept = services.filter((one) => !over.has(nameOfService(one)));
    this.#set({ ...plan, services: kept, ...(rest.size > 0 && { leaving: rest }) });
  }

  #set(plan: AppliedPlan): void {
    this.plan.set(plan);
    this.services.set(servicesOf(plan));
  }
}

function isLeaving({ leaving }: AppliedPlan): boolean {
  return leaving !== undefined;
}

function servicesOf({ services, name, leaving }: AppliedPlan) {
  return services.map((service): ConfiguredService<CheckConfig> => {
    const isLeft = leaving?.has(nameOfService(service));
    return { instance: name, ...service, ...(isLeft && { leaving: removed }) };
  });
}

function nameOfService(service: ServicePlan): string {
  return nameOf(instanceOf(service));
}
