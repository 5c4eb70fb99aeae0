import type { HttpResponse } from "../../../clients/http/client.ts";
import type { Env } from "../../contract.ts";
import { faults } from "../../faults.ts";
import { errorOf } from "../errors.ts";
import { queryBody } from "../query.ts";
import { readXml, textAt } from "../xml.ts";
import { type Source, timeOf } from "./credentials.ts";
import { readSecret } from "./given.ts";

/** Sends a body to the token service (STS) in a POST request. Rejects with a retryable fault if there is no response. */
export type AskTokenService = (body: string, signal: AbortSignal) => Promise<HttpResponse>;

/** A role that the token of a web identity may assume, as in Kubernetes: the token is exchanged for a key. */
export function webIdentity(name: string, env: Env, ask: AskTokenService): Source {
  return async (signal) => {
    const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = env;
    if (!file) return "AWS_WEB_IDENTITY_TOKEN_FILE is not set";
    if (!role) return "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN";
    // Read each time: the token is replaced before it expires.
    const token = (await readSecret(name, file, signal)).trim();
    const session = env.AWS_ROLE_SESSION_NAME || "sidekick";
    const action = "AssumeRoleWithWebIdentity";
    const body = queryBody(action, "2011-06-15", {
      RoleArn: role,
      RoleSessionName: session,
      WebIdentityToken: token,
    });
    const { status, body: text } = await ask(body, signal);
    const root = readXml(text);
    const fail = (why: string) => {
      const hint = `check AWS_ROLE_ARN (${role}), its trust policy and the token in ${file}`;
      return faults.DESTINATION_ACCESS_DENIED({ name, action, why, hint });
    };
    if (typeof root === "string") throw fail(`status ${status}, ${root}`);
    const error = errorOf(root, status);
    if (error) throw fail(error.why.replaceAll(token, "(hidden)"));
    const field = (key: string) => textAt(root, `${action}Result`, "Credentials", key);
    const [accessKeyId, secretAccessKey] = [field("AccessKeyId"), field("SecretAccessKey")];
    if (!accessKeyId || !secretAccessKey) throw fail("the response has no credentials");
    const sessionToken = field("SessionToken") || undefined;
    const expiresAtMs = timeOf(field("Expiration"));
    return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs, source: `the role ${role}` };
  };
}
