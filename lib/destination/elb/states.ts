import type { Observed, ObservedState } from "../contract.ts";
import { type Element, textAt } from "./xml.ts";

export const absent: Observed = { state: "absent", why: "" };

/** The state of a machine in a classic load balancer: a member of `InstanceStates`. */
export function classicState(member: Element): Observed {
  const description = withoutNone(textAt(member, "Description"));
  const reason = withoutNone(textAt(member, "ReasonCode"));
  const state = classicStates(textAt(member, "State"), description);
  return { state, why: [reason, description].filter(Boolean).join(": ") };
}

/** Only its sentences distinguish what the states have in common. */
function classicStates(state: string, description: string): ObservedState {
  if (/not currently registered/i.test(description)) return "absent";
  if (/deregistration currently in progress/i.test(description)) return "draining";
  if (state === "InService") return "serving";
  const isNew =
    /registration is still in progress|not passed the configured HealthyThreshold|pending/i;
  return state === "OutOfService" && isNew.test(description) ? "registering" : "failing";
}

const withoutNone = (text: string) => (text === "N/A" ? "" : text);

/** The state of a target: a member of `TargetHealthDescriptions`. */
export function targetState(member: Element): Observed {
  const health = (name: string) => textAt(member, "TargetHealth", name);
  const [state, reason] = [health("State"), health("Reason")];
  const why = [reason, health("Description")].filter(Boolean).join(": ");
  return { state: targetStates(state, reason), why };
}

function targetStates(state: string, reason: string): ObservedState {
  switch (state) {
    case "initial":
      return "registering";
    case "healthy":
      return "serving";
    case "draining":
    case "unhealthy.draining":
      return "draining";
    case "unused":
      // With another reason it is registered, but the group or the target cannot be used.
      return reason === "Target.NotRegistered" ? "absent" : "failing";
    case "unavailable":
      // Without health checks every target gets requests.
      return reason === "Target.HealthCheckDisabled" ? "serving" : "failing";
    default:
      return "failing";
  }
}
