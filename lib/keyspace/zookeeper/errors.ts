import { Exception } from "node-zookeeper-client";
import { Fault } from "../../base/fault.ts";
import { faults } from "../faults.ts";

/** The connection has ended, and with it what was under way. */
export class Disconnected extends Error {
  override readonly name = "Disconnected";

  constructor(why: string, cause?: unknown) {
    super(why, cause === undefined ? undefined : { cause });
  }
}

/** The code that ZooKeeper answered with; undefined where it is not that which failed. */
export function codeOf(error: unknown): number | undefined {
  return error instanceof Exception ? error.code : undefined;
}

/** Whether the session is gone, and its nodes with it. */
export function isExpired(error: unknown): boolean {
  return codeOf(error) === Exception.SESSION_EXPIRED;
}

/** Whether there is no such node, or no folder for it. */
export function isNoNode(error: unknown): boolean {
  return codeOf(error) === Exception.NO_NODE;
}

/** Whether the user may not do it. */
export function isDenied(error: unknown): boolean {
  return codeOf(error) === Exception.NO_AUTH;
}

/** For `catch`: that there is no such node is an answer, anything else is not. */
export function ifNoNode(error: unknown): undefined {
  if (!isNoNode(error)) throw error;
  return undefined;
}

/** The fault that an error is when we wanted to do `what`; an error that is a bug is thrown. */
export function asFault(error: unknown, url: string, what: string): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof Disconnected) return faults.KEYSPACE_UNREACHABLE({ url }, error);
  switch (codeOf(error)) {
    case undefined:
      throw error;
    case Exception.NO_AUTH:
    case Exception.AUTH_FAILED:
      return faults.KEYSPACE_PERMISSION_DENIED({ url, what }, error);
    case Exception.CONNECTION_LOSS:
      return faults.KEYSPACE_UNREACHABLE({ url }, error);
    default:
      return faults.KEYSPACE_REFUSED({ url, what }, error);
  }
}
