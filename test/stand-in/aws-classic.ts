import { AwsRefusal } from "./aws-refusal.ts";
import type { Phase, Registrations } from "./aws-registrations.ts";
import { element, field, listIn } from "./aws-xml.ts";

/** The calls of classic load balancers (2012-06-01): each returns the content of `<ActionResult>`. */
export function classicCalls(
  loadBalancers: ReadonlyMap<string, Registrations>,
  machines: ReadonlySet<string>,
): Readonly<Record<string, (parameters: URLSearchParams) => string>> {
  const find = (parameters: URLSearchParams) => {
    const name = parameters.get("LoadBalancerName") ?? "";
    const found = loadBalancers.get(name);
    if (found) return found;
    const why = `There is no ACTIVE Load Balancer named '${name}'`;
    throw new AwsRefusal(400, "LoadBalancerNotFound", why);
  };
  const idsIn = (parameters: URLSearchParams) => {
    const ids = listIn(parameters, "Instances").map(({ InstanceId = "" }) => InstanceId);
    const unknown = ids.find((id) => !machines.has(id));
    if (unknown === undefined) return ids;
    throw new AwsRefusal(400, "InvalidInstance", `Could not find EC2 instance ${unknown}.`);
  };
  const list = (registrations: Registrations) => {
    const isIn = (id: string) => registrations.phase(id) !== "draining";
    const ids = registrations.keys().filter(isIn);
    return element("Instances", ...ids.map((id) => element("member", field("InstanceId", id))));
  };
  return {
    RegisterInstancesWithLoadBalancer(parameters) {
      const registrations = find(parameters);
      for (const id of idsIn(parameters)) registrations.register(id);
      return list(registrations);
    },
    DeregisterInstancesFromLoadBalancer(parameters) {
      const registrations = find(parameters);
      for (const id of idsIn(parameters)) registrations.deregister(id);
      return list(registrations);
    },
    DescribeInstanceHealth(parameters) {
      const registrations = find(parameters);
      const ids = parameters.has("Instances.member.1.InstanceId")
        ? idsIn(parameters)
        : registrations.keys();
      const states = ids.map((id) => {
        const [state, reason, description] = sentences[registrations.phase(id) ?? "absent"];
        const about = field("Description", description) + field("InstanceId", id);
        return element("member", about, field("State", state), field("ReasonCode", reason));
      });
      return element("InstanceStates", ...states);
    },
  };
}

const sentences: Readonly<Record<Phase | "absent", readonly [string, string, string]>> = {
  initial: ["OutOfService", "ELB", "Instance registration is still in progress."],
  healthy: ["InService", "N/A", "N/A"],
  unhealthy: [
    "OutOfService",
    "Instance",
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively.",
  ],
  draining: ["InService", "N/A", "Instance deregistration currently in progress."],
  absent: [
    "OutOfService",
    "Instance",
    "Instance is not currently registered with the LoadBalancer.",
  ],
};
