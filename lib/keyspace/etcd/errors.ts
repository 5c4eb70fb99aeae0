import {
  ClientClosedError,
  castGrpcError,
  EtcdAuthenticationFailedError,
  EtcdError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  EtcdUserNotFoundError,
  GRPCGenericError,
} from "etcd3";
import { Fault } from "../../base/fault.ts";
import { faults } from "../faults.ts";

/** The errors of etcd and of the connection to it. Any other error is a bug. */
const expectedErrors = [
  GRPCGenericError,
  EtcdError,
  EtcdAuthenticationFailedError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  EtcdUserNotFoundError,
  ClientClosedError,
];

const permissionDenied = /permission denied/i;

/** The user or its password is wrong, or is missing. */
const authenticationFailed = /authentication failed|user name/i;

/** etcd answers, but cannot serve requests for the moment. */
const unavailable = /no leader|leader changed|timed out|server stopped|too many requests/i;

/** The fault for an error of etcd3 in the attempt to do `what` (a verb and its object). Throws an error that is a bug. */
export function asFault(error: unknown, url: string, what: string): Fault {
  if (error instanceof Fault) return error;
  const cause = error instanceof Error ? castGrpcError(error) : error;
  if (!(cause instanceof Error) || !expectedErrors.some((kind) => cause instanceof kind)) {
    throw error;
  }
  const { message } = cause;
  if (permissionDenied.test(message)) {
    return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "permission denied" }, cause);
  }
  if (authenticationFailed.test(message)) {
    return faults.KEYSPACE_PERMISSION_DENIED({ url, what, reason: "authentication failed" }, cause);
  }
  const isAnswer = message.includes("etcdserver:") && !unavailable.test(message);
  return isAnswer
    ? faults.KEYSPACE_REFUSED({ url, what }, cause)
    : faults.KEYSPACE_UNREACHABLE({ url }, new Error(systemMessage(message), { cause }));
}

/** The system's part of a gRPC message: `connect ECONNREFUSED 127.0.0.1:2379`. */
function systemMessage(message: string): string {
  return message
    .replace(/^\d+ [A-Z_]+: /, "")
    .replace(/^.*Last error: (?:Error: )?/, "")
    .replace(/\. Resolution note:.*$/, "");
}

/** Whether the user lacks the permission. */
export function isPermissionDenied(error: unknown): boolean {
  return error instanceof EtcdPermissionDeniedError;
}

/** Why etcd does not have a revision; undefined if the error is another one. */
export function whyNotAtRevision(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : "";
  if (message.includes("required revision has been compacted")) return "etcd has compacted it";
  return message.includes("required revision is a future revision")
    ? "etcd has not reached it yet"
    : undefined;
}

/** Whether etcd does not have the lease: it has expired or was revoked. */
export function isLeaseGone(error: unknown): boolean {
  return error instanceof EtcdLeaseInvalidError;
}

/** Whether etcd has authentication disabled, so that there is no login. */
export function isAuthDisabled(error: unknown): boolean {
  return error instanceof Error && error.message.includes("authentication is not enabled");
}
