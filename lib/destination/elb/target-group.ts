import { isIP, isIPv6 } from "node:net";
import { andMore } from "../../base/excerpt.ts";
import type { Instance } from "../../model/instance.ts";
import type { Destination, DestinationDeps, Observed, Wanted } from "../contract.ts";
import { faults } from "../faults.ts";
import { Api } from "./api.ts";
import { inBatches } from "./batches.ts";
import { v2 } from "./endpoint.ts";
import { pace } from "./pace.ts";
import type { TargetGroupConfig } from "./schema.ts";
import { absent, targetState } from "./states.ts";
import { type Element, members, textAt } from "./xml.ts";

/** A target as the parameters of a call have it. */
interface Target {
  readonly Id: string;
  readonly Port: number;
  readonly AvailabilityZone?: string;
}

/** A target group of an application, network or gateway load balancer: addresses or machines with ports. */
export function createTargetGroup(config: TargetGroupConfig, deps: DestinationDeps): Destination {
  const { arn, id, availabilityZone } = config;
  const [, , , region = ""] = arn.split(":");
  const name = `targetGroup/${arn.split("/")[1]}`;
  const api = new Api(name, v2, { ...config, region }, deps);
  const zone = availabilityZone === undefined ? {} : { AvailabilityZone: availabilityZone };

  /** The target of an instance; undefined if its host is a name, which a target group does not take. */
  const targetOf = async ({ host, port }: Instance, signal: AbortSignal) => {
    if (id === "instance") return { Id: await api.instanceId(signal), Port: port };
    return isIP(host) ? { Id: host, Port: port, ...zone } : undefined;
  };

  const resolved = async (instances: readonly Wanted[], signal: AbortSignal) => {
    const targets = new Map<string, Target>();
    const byName = new Map<string, string | undefined>();
    for (const { name, instance } of instances) {
      const target = await targetOf(instance, signal);
      if (target) targets.set(keyOf(target), target);
      byName.set(name, target && keyOf(target));
    }
    return { targets: [...targets.values()], byName };
  };

  const callWith = (action: string, signal: AbortSignal) => (batch: readonly Target[]) => {
    const parameters = { TargetGroupArn: arn, Targets: batch.map((target) => ({ ...target })) };
    const display = andMore(batch.slice(0, 3).map(keyOf), batch.length);
    return api.call({ action, parameters, instances: display }, signal);
  };

  return {
    name,
    pace,
    keepsDraining: false,
    describe: () => api.describe(),
    registrationOf: ({ host, port }) => (id === "instance" ? `:${port}` : `${host}:${port}`),

    async register(instances, signal) {
      const { targets, byName } = await resolved(instances, signal);
      const { rejected } = await inBatches(targets, callWith("RegisterTargets", signal));
      if (rejected[0]) throw rejected[0].fault;
      const named = instances.find((wanted) => byName.get(wanted.name) === undefined);
      if (!named) return;
      const why = `${named.instance.host} is a host name`;
      const hint = "set its IP address as host, or use a group of the target type instance";
      throw faults.DESTINATION_INSTANCE_REJECTED({ name, instance: named.name, why, hint });
    },

    async deregister(instances, signal) {
      const { targets } = await resolved(instances, signal);
      const { rejected } = await inBatches(targets, callWith("DeregisterTargets", signal));
      // A target that AWS does not know any more is deregistered.
      const failed = rejected.find(({ code }) => code !== "InvalidTarget");
      if (failed) throw failed.fault;
    },

    async observe(instances, signal) {
      const { targets, byName } = await resolved(instances, signal);
      const describe = callWith("DescribeTargetHealth", signal);
      const { roots, rejected } = await inBatches(targets, describe);
      const states = new Map<string, Observed>([
        ...roots.flatMap(targetsIn).map((member) => [keyIn(member), targetState(member)] as const),
        ...rejected.map(({ item, fault }) => {
          return [keyOf(item), { state: "absent", why: fault.message }] as const;
        }),
      ]);
      const stateOf = (key: string | undefined) => states.get(key ?? "") ?? absent;
      return new Map([...byName].map(([name, key]) => [name, stateOf(key)]));
    },

    async servesWithout(instances, signal) {
      const { targets } = await resolved(instances, signal);
      const own = new Set(targets.map(keyOf));
      const action = "DescribeTargetHealth";
      const parameters = { TargetGroupArn: arn };
      const answer = await api.call({ action, parameters, instances: "" }, signal);
      if ("fault" in answer) throw answer.fault;
      return targetsIn(answer.root).some(
        (member) => !own.has(keyIn(member)) && targetState(member).state === "serving",
      );
    },

    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** For display as well; equal for all spellings of an IPv6 address. */
function keyOf({ Id, Port }: Pick<Target, "Id"> & { readonly Port: number | string }): string {
  return `${isIPv6(Id) ? new URL(`http://[${Id}]`).hostname : Id}:${Port}`;
}

function targetsIn(root: Element): readonly Element[] {
  return members(root, "DescribeTargetHealthResult", "TargetHealthDescriptions");
}

function keyIn(member: Element): string {
  const field = (name: string) => textAt(member, "Target", name);
  return keyOf({ Id: field("Id"), Port: field("Port") });
}
