import type { Destination, DestinationDeps, Observed } from "../contract.ts";
import { type Answer, Api } from "./api.ts";
import { classic } from "./endpoint.ts";
import { pace } from "./pace.ts";
import type { ElbConfig } from "./schema.ts";
import { absent, classicState } from "./states.ts";
import { type Element, members, textAt } from "./xml.ts";

/** A classic load balancer. It registers machines: all instances share the registration of this one. */
export function createElb(config: ElbConfig, deps: DestinationDeps): Destination {
  const name = `elb/${config.name}`;
  const api = new Api(name, classic, config, deps);
  const loadBalancer = { LoadBalancerName: config.name };

  const callWith = async (action: string, signal: AbortSignal): Promise<Answer> => {
    const id = await api.instanceId(signal);
    const parameters = { ...loadBalancer, Instances: [{ InstanceId: id }] };
    return await api.call({ action, parameters, instances: id }, signal);
  };

  return {
    name,
    pace,
    keepsDraining: false,
    describe: () => api.describe(),
    registrationOf: () => "this machine",

    async register(instances, signal) {
      if (instances.length > 0) rootOf(await callWith("RegisterInstancesWithLoadBalancer", signal));
    },

    async deregister(instances, signal) {
      if (instances.length === 0) return;
      const answer = await callWith("DeregisterInstancesFromLoadBalancer", signal);
      if (!isAbsent(answer)) rootOf(answer);
    },

    async observe(instances, signal) {
      if (instances.length === 0) return new Map();
      const answer = await callWith("DescribeInstanceHealth", signal);
      const id = await api.instanceId(signal);
      const own = isAbsent(answer) ? undefined : stateOf(statesIn(rootOf(answer)), id);
      return new Map(instances.map((instance) => [instance.name, own ?? absent]));
    },

    async servesWithout(_, signal) {
      const action = "DescribeInstanceHealth";
      const answer = await api.call({ action, parameters: loadBalancer, instances: "" }, signal);
      const id = await api.instanceId(signal);
      return statesIn(rootOf(answer)).some(
        (member) => textAt(member, "InstanceId") !== id && classicState(member).state === "serving",
      );
    },

    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  };
}

/** Whether the load balancer does not know the machine, which is the goal of a deregistration. */
function isAbsent(answer: Answer): boolean {
  return "error" in answer && answer.error.code === "InvalidInstance";
}

function rootOf(answer: Answer): Element {
  if ("fault" in answer) throw answer.fault;
  return answer.root;
}

function statesIn(root: Element): readonly Element[] {
  return members(root, "DescribeInstanceHealthResult", "InstanceStates");
}

function stateOf(states: readonly Element[], id: string): Observed | undefined {
  const own = states.find((member) => textAt(member, "InstanceId") === id);
  return own && classicState(own);
}
