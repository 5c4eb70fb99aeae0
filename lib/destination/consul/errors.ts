import { ConsulError } from "../../clients/consul/errors.ts";
import type { RequestResult } from "../contract.ts";
import { faults } from "../faults.ts";

interface Attempt {
  readonly name: string;
  /** The agent's URL. */
  readonly at: string;
  /** A verb and its object. */
  readonly action: string;
}

/** The fault for an error of the client; any other error is returned unchanged. */
export function asFault(error: unknown, { name, at, action }: Attempt): unknown {
  if (!(error instanceof ConsulError)) return error;
  const why = error.message;
  switch (error.failure) {
    case "unreachable":
      return faults.DESTINATION_UNREACHABLE({ name, at, why }, error);
    case "unauthenticated":
    case "denied": {
      const hint = "check the token and its policy, which needs service:write";
      return faults.DESTINATION_ACCESS_DENIED({ name, action, why, hint }, error);
    }
    case "unreadable":
      return faults.DESTINATION_UNREADABLE({ name, at, action, why }, error);
    default: {
      const isOfAgent = (error.status ?? 0) >= 500;
      const make = isOfAgent ? faults.DESTINATION_FAILED : faults.DESTINATION_REFUSED;
      return make({ name, action, why }, error);
    }
  }
}

/** For metrics. */
export function resultOf(error: unknown): RequestResult {
  if (!(error instanceof ConsulError)) return "unreachable";
  if (error.status === 429) return "throttled";
  return error.failure === "unreachable" || error.failure === "unreadable"
    ? "unreachable"
    : "refused";
}
