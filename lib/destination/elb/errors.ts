import { shortened } from "../../base/excerpt.ts";
import type { Fault } from "../../base/fault.ts";
import { faults } from "../faults.ts";
import { type Element, textAt } from "./xml.ts";

/** An error response of AWS. */
export interface AwsError {
  /** `LoadBalancerNotFound`. */
  readonly code: string;
  /** `LoadBalancerNotFound: There is no ACTIVE Load Balancer named x`. */
  readonly why: string;
  readonly status: number;
}

/** The error in a response; undefined if it has none. */
export function errorOf(root: Element, status: number): AwsError | undefined {
  const code = textAt(root, "Error", "Code");
  if (root.name !== "ErrorResponse" || !code) return undefined;
  // Only the first line: further ones of a rejected signature repeat the request with its session token.
  const [line = ""] = textAt(root, "Error", "Message").split("\n");
  return { code, why: shortened(line.trim() ? `${code}: ${line.trim()}` : code, 300), status };
}

const throttled =
  /^(Throttl(ing|ed)(Exception)?|RequestLimitExceeded|RequestThrottled(Exception)?|TooManyRequestsException|SlowDown|PriorRequestNotComplete)$/;
const expired = /^ExpiredToken(Exception)?$/;
const wrongTime =
  /^(RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|InvalidSignatureException|AuthFailure)$/;
const rejectedKey =
  /^(InvalidClientTokenId|UnrecognizedClientException|MissingAuthenticationToken|IncompleteSignature|InvalidAccessKeyId)$/;
const denied = /^(AccessDenied(Exception)?|UnauthorizedOperation|OptInRequired|NotAuthorized)$/;
const notFound = /^(LoadBalancerNotFound|AccessPointNotFound|TargetGroupNotFound)$/;
const instance =
  /^(InvalidInstance|InvalidTarget|ValidationError|InvalidConfigurationRequest|TooManyTargets|TooManyRegistrationsForTargetId|TooManyUniqueTargetGroupsPerLoadBalancer)$/;

export const isThrottled = ({ code, status }: AwsError) => throttled.test(code) || status === 429;
export const isExpired = ({ code }: AwsError) => expired.test(code);
export const isOfWrongTime = ({ code }: AwsError) => wrongTime.test(code);
export const isRejectedKey = ({ code }: AwsError) => rejectedKey.test(code);
/** Whether the error may be due to a single instance of the request. */
export const isOfInstance = ({ code }: AwsError) => instance.test(code);

/** A request whose error becomes a fault. */
export interface Attempted {
  /** That of the destination. */
  readonly name: string;
  /** `RegisterTargets`. */
  readonly action: string;
  readonly region: string;
  /** The source of the credentials. */
  readonly credentials: string;
  /** The instances of the request, for display. */
  readonly instances: string;
}

/** One sentence with what happened and what to do. */
export function faultOf(error: AwsError, of: Attempted): Fault {
  const { name, action, region, credentials, instances } = of;
  const { code, why, status } = error;
  if (isThrottled(error)) return faults.DESTINATION_THROTTLED({ name, action, why });
  if (notFound.test(code)) {
    const hint = `create it in ${region}, or correct its name, the region, or the account of the credentials (${credentials})`;
    return faults.DESTINATION_NOT_FOUND({ name, why, hint });
  }
  const hint = accessHint(error, of);
  if (hint) return faults.DESTINATION_ACCESS_DENIED({ name, action, why, hint });
  if (instances && isOfInstance(error)) {
    const hint = instanceHints[code] ?? "correct its address, or the type of the target group";
    return faults.DESTINATION_INSTANCE_REJECTED({ name, instance: instances, why, hint });
  }
  if (status >= 500) return faults.DESTINATION_FAILED({ name, action, why });
  return faults.DESTINATION_REFUSED({ name, action, why });
}

function accessHint(error: AwsError, { action, credentials }: Attempted): string | undefined {
  if (isExpired(error)) return `the credentials have expired: renew ${credentials}`;
  if (isOfWrongTime(error)) {
    return `the secret does not belong to the access key, or the clock of this machine is wrong: check ${credentials}`;
  }
  if (isRejectedKey(error)) return `the access key is not valid: check ${credentials}`;
  if (!denied.test(error.code)) return undefined;
  return `allow elasticloadbalancing:${action} for ${credentials}`;
}

const instanceHints: Readonly<Record<string, string>> = {
  InvalidInstance: "it has to run, in the account and in the region of the load balancer",
  InvalidTarget: "it has to run, in the VPC of the target group",
  TooManyTargets: "deregister others, or raise the quota of targets",
  TooManyRegistrationsForTargetId: "deregister others of its ports, or raise the quota",
};
