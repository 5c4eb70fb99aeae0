import { Exception } from "node-zookeeper-client";
import { Fault } from "../../base/fault.ts";
import { faults } from "../faults.ts";

/** The connection has ended, and with it the requests in flight. */
export class Disconnected extends Error {
  override readonly name = "Disconnected";

  constructor(why: string, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
  }
}

/** The error code of a ZooKeeper answer; undefined for any other error. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof Exception ? error.code : undefined;
}

/** Whether the session has expired, and its nodes were removed. */
export function isExpired(error: unknown): boolean {
  return codeOf(error) === Exception.SESSION_EXPIRED;
}

/** Whether the node, or its parent, does not exist. */
export function isNoNode(error: unknown): boolean {
  return codeOf(error) === Exception.NO_NODE;
}

/** Whether the user lacks the permission. */
export function isPermissionDenied(error: unknown): boolean {
  return codeOf(error) === Exception.NO_AUTH;
}

/** For `catch`: returns undefined for a missing node; throws any other error. */
export function ifNoNode(error: unknown): undefined {
  if (!isNoNode(error)) throw error;
  return undefined;
}

/** For `catch`: returns undefined for a node that is missing, or that the user may not read; throws any other error. */
export function ifUnreadable(error: unknown): undefined {
  return isPermissionDenied(error) ? undefined : ifNoNode(error);
}

/** The fault for an error in the attempt to do `what` (a verb and its object). Throws an error that is a bug. */
export function asFault(error: unknown, url: string, what: string): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Disconnected) return faults.KEYSPACE_UNREACHABLE({ url }, error);
  switch (codeOf(error)) {
    case undefined:
      throw error;
    case Exception.NO_AUTH:
      return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "permission denied" }, error);
    case Exception.AUTH_FAILED:
      return faults.KEYSPACE_PERMISSION_DENIED(
        { url, what, reason: "authentication failed" },
        error,
      );
    case Exception.CONNECTION_LOSS:
      return faults.KEYSPACE_UNREACHABLE({ url }, error);
    default:
      return faults.KEYSPACE_REFUSED({ url, what }, error);
  }
}
