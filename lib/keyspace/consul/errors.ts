import { Fault } from "../../base/fault.ts";
import { ConsulError } from "../../clients/consul/errors.ts";
import { faults } from "../faults.ts";

/** The fault for an error of the client in the attempt to do `what` (a verb and its object). Throws an error that is a bug. */
export function asFault(error: unknown, url: string, what: string): Fault {
  if (error instanceof Fault) return error;
  if (!(error instanceof ConsulError)) throw error;
  switch (error.failure) {
    case "unreachable":
      return faults.KEYSPACE_UNREACHABLE({ url }, error);
    case "unauthenticated":
      return faults.KEYSPACE_PERMISSION_DENIED(
        { url, what, reason: "authentication failed" },
        error,
      );
    case "denied":
      return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "permission denied" }, error);
    default:
      return faults.KEYSPACE_REFUSED({ url, what }, error);
  }
}

/** What Consul answers to a session that it does not have. */
export function isSessionGone(error: unknown): boolean {
  return error instanceof ConsulError && /invalid session/i.test(error.message);
}

/** Consul leaves out what the token may not read: the rest would look like all there is. */
export function partlyDenied(url: string, what: string): Fault {
  const cause = new Error("Consul leaves out what the token may not read");
  return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "permission denied" }, cause);
}
