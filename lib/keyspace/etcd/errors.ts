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

/** What etcd, or the way to it, can fail with. Anything else is a bug. */
const expected = [
  GRPCGenericError,
  EtcdError,
  EtcdAuthenticationFailedError,
  EtcdLeaseInvalidError,
  EtcdPermissionDeniedError,
  EtcdUserNotFoundError,
  ClientClosedError,
];

const denied = /permission denied|authentication failed|user name/i;

/** What etcd says when it is up but cannot serve for the moment. */
const unavailable = /no leader|leader changed|timed out|server stopped|too many requests/i;

/** The fault that an error of etcd3 is when we wanted to do `what`; an error that is a bug is thrown. */
export function asFault(error: unknown, url: string, what: string): Fault {
  if (error instanceof Fault) return error;
  const cause = error instanceof Error ? castGrpcError(error) : error;
  if (!(cause instanceof Error) || !expected.some((kind) => cause instanceof kind)) throw error;
  if (denied.test(cause.message)) return faults.KEYSPACE_PERMISSION_DENIED({ url, what }, cause);
  const answered = cause.message.includes("etcdserver:") && !unavailable.test(cause.message);
  return answered
    ? faults.KEYSPACE_REFUSED({ url, what }, cause)
    : faults.KEYSPACE_UNREACHABLE({ url }, new Error(plainly(cause.message), { cause }));
}

/** Without what gRPC wraps around the system's own words: `connect ECONNREFUSED 127.0.0.1:2379`. */
function plainly(message: string): string {
  return message
    .replace(/^\d+ [A-Z_]+: /, "")
    .replace(/^.*Last error: (?:Error: )?/, "")
    .replace(/\. Resolution note:.*$/, "");
}

/** Whether the user may not do it. */
export function isDenied(error: unknown): boolean {
  return error instanceof EtcdPermissionDeniedError;
}

/** Whether etcd knows nothing of the lease: it has expired, or somebody revoked it. */
export function isLeaseGone(error: unknown): boolean {
  return error instanceof EtcdLeaseInvalidError;
}

/** Whether etcd lets everybody in, so that there is no login. */
export function isAuthOff(error: unknown): boolean {
  return error instanceof Error && error.message.includes("authentication is not enabled");
}
