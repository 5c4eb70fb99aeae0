import { BlockList, isIP } from "node:net";
import { AwsRefusal } from "./aws-refusal.ts";
import type { Phase, Registrations } from "./aws-registrations.ts";
import { element, field, listIn } from "./aws-xml.ts";

export interface TargetGroup {
  readonly type: "instance" | "ip";
  /** The port of targets that are registered without one. */
  readonly port: number;
  readonly registrations: Registrations;
}

interface Target {
  readonly id: string;
  readonly port: string;
}

/** The addresses of the VPC of all target groups. */
const vpc = new BlockList();
vpc.addSubnet("10.0.0.0", 16);

/** The calls of target groups (2015-12-01): each returns the content of `<ActionResult>`. */
export function groupCalls(
  groups: ReadonlyMap<string, TargetGroup>,
  machines: ReadonlySet<string>,
): Readonly<Record<string, (parameters: URLSearchParams) => string>> {
  const find = (parameters: URLSearchParams) => {
    const found = groups.get(parameters.get("TargetGroupArn") ?? "");
    if (found) return found;
    throw new AwsRefusal(400, "TargetGroupNotFound", "One or more target groups not found");
  };
  const targetsIn = (parameters: URLSearchParams, { type, port }: TargetGroup) =>
    listIn(parameters, "Targets").map(({ Id = "", Port = String(port), AvailabilityZone }) => {
      if (type === "instance" && !machines.has(Id)) {
        const why = `The following targets are not in a running state and cannot be registered: '${Id}'`;
        throw new AwsRefusal(400, "InvalidTarget", why);
      }
      if (type === "ip" && !isIP(Id)) throw invalid(`The IP address '${Id}' is not valid`);
      return { id: Id, port: Port, zone: AvailabilityZone };
    });
  return {
    RegisterTargets(parameters) {
      const group = find(parameters);
      const targets = targetsIn(parameters, group);
      // All or none: the group is not changed if one of them is rejected.
      for (const { id, zone } of targets) checkZone(group, id, zone);
      for (const { id, port } of targets) group.registrations.register(`${id} ${port}`);
      return "";
    },
    DeregisterTargets(parameters) {
      const group = find(parameters);
      for (const { id, port } of targetsIn(parameters, group)) {
        group.registrations.deregister(`${id} ${port}`);
      }
      return "";
    },
    DescribeTargetHealth(parameters) {
      const group = find(parameters);
      const targets = parameters.has("Targets.member.1.Id")
        ? targetsIn(parameters, group)
        : group.registrations.keys().map(parsed);
      const members = targets.map((target) => member(target, group));
      return element("TargetHealthDescriptions", ...members);
    },
  };
}

function checkZone({ type }: TargetGroup, id: string, zone: string | undefined): void {
  if (type === "instance") {
    if (zone) throw invalid("You cannot specify an Availability Zone for targets by instance ID");
    return;
  }
  const isInside = vpc.check(id);
  if (isInside || zone === "all") return;
  throw invalid(`The IP address '${id}' is not within the VPC: AvailabilityZone must be 'all'`);
}

const invalid = (why: string) => new AwsRefusal(400, "ValidationError", why);

function parsed(key: string): Target {
  const [id = "", port = ""] = key.split(" ");
  return { id, port };
}

function member({ id, port }: Target, { registrations }: TargetGroup): string {
  const [state, reason, description] = states[registrations.phase(`${id} ${port}`) ?? "absent"];
  const health = [field("State", state)];
  if (reason) health.push(field("Reason", reason), field("Description", description));
  return element(
    "member",
    field("HealthCheckPort", port),
    element("TargetHealth", ...health),
    element("Target", field("Port", port), field("Id", id)),
  );
}

const states: Readonly<Record<Phase | "absent", readonly [string, string, string]>> = {
  initial: ["initial", "Elb.RegistrationInProgress", "Target registration is in progress"],
  healthy: ["healthy", "", ""],
  unhealthy: ["unhealthy", "Target.FailedHealthChecks", "Health checks failed"],
  draining: ["draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"],
  absent: ["unused", "Target.NotRegistered", "Target is not registered to the target group"],
};
