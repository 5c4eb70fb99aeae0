import type { PresencePlan, ServicePlan } from "../../lib/config/plan.ts";
import type { Mount, Mounts } from "../../lib/keyspace/mounts/mounts.ts";

/** The part of a presence agent's work that concerns one keyspace. */
export interface PresencePart {
  readonly mount: Mount;
  /** With the folders as they are in this keyspace. */
  readonly plan: PresencePlan;
}

/**
 * The parts of a plan, one for each keyspace that is to have entries: each has a session of its own, and one that is unreachable
 * delays no other. The plan itself if there is only one keyspace.
 */
export function partsByKeyspace(plan: PresencePlan, mounts: Mounts): readonly PresencePart[] {
  const home = mounts.locate(plan.prefix);
  if (mounts.all.length === 1) return [{ mount: home.mount, plan }];
  const located = plan.services.map((service) => {
    const { mount, key } = mounts.locate(service.path ?? `${plan.prefix}/${service.name}`);
    const isAtHome = service.path === undefined && mount === home.mount;
    return { mount, service: isAtHome ? service : { ...service, path: key } };
  });
  const byMount = Map.groupBy(located, ({ mount }) => mount);
  const used = mounts.all.filter((mount) => byMount.has(mount) || isHome(mount));
  return used.map((mount) => {
    const services: readonly ServicePlan[] = (byMount.get(mount) ?? []).map((one) => one.service);
    const { docker, heartbeat, ...rest } = plan;
    const { prefix } = isHome(mount) ? { prefix: home.key } : plan;
    const ofHome = { ...(docker && { docker }) };
    const isFirst = mount === used[0];
    return {
      mount,
      plan: {
        ...rest,
        ...{ prefix, services },
        ...(mount === home.mount && ofHome),
        ...(isFirst && heartbeat !== undefined && { heartbeat }),
      },
    };
  });

  /** Containers are registered where the prefix is. */
  function isHome(mount: Mount): boolean {
    return plan.docker !== undefined && mount === home.mount;
  }
}
