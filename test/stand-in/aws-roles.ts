import type { AwsKeys } from "./aws-keys.ts";
import { AwsRefusal } from "./aws-refusal.ts";
import { element, field } from "./aws-xml.ts";

/** A role that keys are issued for; `lifeMs` is how long each is valid. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly lifeMs: number;
  /** The token of the web identity that may assume it. */
  readonly webToken: string;
}

/** The call of the token service: returns the content of `<AssumeRoleWithWebIdentityResult>`. */
export function assumeRole(role: Role, keys: AwsKeys, parameters: URLSearchParams): string {
  if (parameters.get("RoleArn") !== role.arn) {
    const why = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
    throw new AwsRefusal(403, "AccessDenied", why);
  }
  if (parameters.get("WebIdentityToken") !== role.webToken) {
    const why = "The ID Token provided is not a valid JWT.";
    throw new AwsRefusal(400, "InvalidIdentityToken", why);
  }
  if (!/^[\w+=,.@-]{2,64}$/.test(parameters.get("RoleSessionName") ?? "")) {
    throw new AwsRefusal(400, "ValidationError", "roleSessionName");
  }
  const { id, secret, token, expiresAtMs } = keys.issue(role.lifeMs);
  return element(
    "Credentials",
    field("AccessKeyId", id),
    field("SecretAccessKey", secret),
    field("SessionToken", token),
    field("Expiration", new Date(expiresAtMs).toISOString()),
  );
}

/** The JSON of the metadata service and of the agents of containers. */
export function credentialsJson({ lifeMs }: Role, keys: AwsKeys): string {
  const { id, secret, token, expiresAtMs } = keys.issue(lifeMs);
  return JSON.stringify({
    Code: "Success",
    Type: "AWS-HMAC",
    AccessKeyId: id,
    SecretAccessKey: secret,
    Token: token,
    Expiration: new Date(expiresAtMs).toISOString(),
  });
}
