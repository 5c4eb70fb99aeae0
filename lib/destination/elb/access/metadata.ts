import type { HttpResponse } from "../../../clients/http/client.ts";
import type { Env } from "../../contract.ts";
import { type Credentials, credentialsIn, type Source } from "./credentials.ts";
import type { AskLocally } from "./local.ts";

/** Seconds for which a token is requested, and how long it is used: less, in milliseconds. */
const [tokenSeconds, tokenMs] = [21_600, 21_000_000];

/** A value, or the reason why there is none. */
export type Found = { readonly value: string } | { readonly why: string };

/** The instance metadata service of EC2, version 2; version 1 where that has no tokens. */
export class Metadata {
  readonly #env: Env;
  readonly #ask: AskLocally;
  readonly #nowMs: () => number;
  #token: { readonly value: string; readonly untilMs: number } | undefined;

  constructor(env: Env, ask: AskLocally, nowMs: () => number) {
    this.#env = env;
    this.#ask = ask;
    this.#nowMs = nowMs;
  }

  /** The text at a path below `/latest/meta-data/`, such as `instance-id`. */
  async get(path: string, signal: AbortSignal): Promise<Found> {
    if (/^true$/i.test(this.#env.AWS_EC2_METADATA_DISABLED ?? "")) {
      return { why: "the metadata service is disabled (AWS_EC2_METADATA_DISABLED)" };
    }
    const base = this.#env.AWS_EC2_METADATA_SERVICE_ENDPOINT || "http://169.254.169.254";
    const url = URL.parse(`/latest/meta-data/${path}`, base);
    if (!url) return { why: "AWS_EC2_METADATA_SERVICE_ENDPOINT is not a URL" };
    const first = await this.#read(url, signal);
    // The token is not valid any more, for instance because the machine has been moved.
    if (typeof first === "string" || first.status !== 401 || !this.#token) return found(first);
    this.#token = undefined;
    return found(await this.#read(url, signal));
  }

  async #read(url: URL, signal: AbortSignal): Promise<HttpResponse | string> {
    const token = await this.#freshToken(url, signal);
    if (typeof token === "string") return token;
    const { value } = token;
    const headers = value ? { "x-aws-ec2-metadata-token": value } : {};
    return await this.#ask({ method: "GET", url, headers }, signal);
  }

  /** A token, empty where there are none, or the reason why it is unknown. */
  async #freshToken(url: URL, signal: AbortSignal): Promise<{ readonly value: string } | string> {
    if (this.#token && this.#nowMs() < this.#token.untilMs) return this.#token;
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": String(tokenSeconds) };
    const request = { method: "PUT", url: new URL("/latest/api/token", url), headers } as const;
    const answer = await this.#ask(request, signal);
    if (typeof answer === "string") return `the metadata service: ${answer}: ${hopLimit}`;
    if ([403, 404, 405].includes(answer.status)) return { value: "" };
    if (answer.status !== 200 || !answer.body) {
      return `the metadata service gave no token (status ${answer.status})`;
    }
    this.#token = { value: answer.body.trim(), untilMs: this.#nowMs() + tokenMs };
    return this.#token;
  }
}

const hopLimit =
  "if this is a container on EC2, its response does not get there unless the hop limit of the machine is 2 (aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2)";

function found(answer: HttpResponse | string): Found {
  if (typeof answer === "string") return { why: answer };
  const { status, body } = answer;
  if (status === 200) return { value: body.trim() };
  return { why: `the metadata service answered with status ${status}` };
}

/** The credentials of the role of the machine. It is the last source: each failure is a reason why there are none. */
export function ofInstanceRole(metadata: Metadata): Source {
  return async (signal): Promise<Credentials | string> => {
    const folder = "iam/security-credentials/";
    const roles = await metadata.get(folder, signal);
    if ("why" in roles) {
      return roles.why.endsWith("status 404") ? "the machine has no instance role" : roles.why;
    }
    const [role = ""] = roles.value.split("\n");
    if (!/^[\w+=,.@-]+$/.test(role)) return "the machine has no instance role";
    const answer = await metadata.get(`${folder}${role}`, signal);
    if ("why" in answer) return answer.why;
    const credentials = credentialsIn(answer.value, `the instance role ${role}`);
    return typeof credentials === "string"
      ? `the instance role ${role}: ${credentials}`
      : credentials;
  };
}
