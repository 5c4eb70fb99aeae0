/**
 * A stand-in for AWS, written from its documentation: load balancers of both generations with their states, times and
 * limits, the token service, the metadata service, and the agent of containers. It has no timers: what time has
 * changed is computed when it is asked for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { listen } from "../support/listen.ts";
import { classicCalls } from "./aws-classic.ts";
import { groupCalls, type TargetGroup } from "./aws-groups.ts";
import { AwsKeys } from "./aws-keys.ts";
import { type MetadataSettings, metadataServer } from "./aws-metadata.ts";
import { AwsRefusal } from "./aws-refusal.ts";
import { Registrations, type Times } from "./aws-registrations.ts";
import { assumeRole, type Role } from "./aws-roles.ts";
import { element, field } from "./aws-xml.ts";
import { TokenBucket } from "./token-bucket.ts";

export const region = "us-west-2";

/** A key of a user, which does not expire. */
export const userKey = {
  id: "AKIDEXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

export const role: Role = {
  arn: "arn:aws:iam::123456789012:role/web",
  name: "web",
  lifeMs: 6 * 3_600_000,
  webToken: "header.payload.signature",
};

export interface AwsOptions extends Partial<Times> {
  /** Milliseconds since 1970; by default the clock of this machine. */
  readonly nowMs?: () => number;
  /** For https. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The address to listen on. */
  readonly host?: string;
}

/** A request to a load balancer or to the token service. */
export interface AwsRequest {
  readonly action: string;
  readonly body: string;
  /** Alternately names and values, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** The code of the refusal; empty if it succeeded. */
  readonly refusal: string;
}

export interface Aws {
  /** The URL of load balancers and the token service. */
  readonly url: string;
  /** The URL of metadata service and agent of containers. */
  readonly localUrl: string;
  readonly keys: AwsKeys;
  readonly metadata: MetadataSettings;
  /** The ids of machines that run. */
  readonly machines: Set<string>;
  readonly requests: AwsRequest[];
  /** The first lines of requests to `localUrl`. */
  readonly localRequests: string[];
  /** Adds a classic load balancer. */
  addLoadBalancer(name: string): Registrations;
  /** Adds a target group; its targets are `<id> <port>`. */
  addTargetGroup(arn: string, type: TargetGroup["type"]): Registrations;
  /** Refuses this many requests as throttled, or those until the buckets have filled up again. */
  throttle(count?: number): void;
  /** Actions that the keys are not permitted to use. */
  readonly denied: Set<string>;
  /** Answers the next request with this instead. */
  answerNext(status: number, body: string): void;
}

type Calls = Readonly<Record<string, (parameters: URLSearchParams) => string>>;

/** Starts it on free ports until the test is over. */
export async function startAws(
  t: Pick<TestContext, "after">,
  options: AwsOptions = {},
): Promise<Aws> {
  const { nowMs = Date.now, tls, host = "127.0.0.1" } = options;
  const times = { initialMs: options.initialMs ?? 0, drainMs: options.drainMs ?? 0 };
  const keys = new AwsKeys(nowMs);
  keys.add(userKey);
  const machines = new Set(["i-315b7e51"]);
  const loadBalancers = new Map<string, Registrations>();
  const groups = new Map<string, TargetGroup>();
  const versions: Readonly<Record<string, Calls>> = {
    "2012-06-01": classicCalls(loadBalancers, machines),
    "2015-12-01": groupCalls(groups, machines),
  };
  /** For each generation, of requests that read and of those that write. */
  const buckets = new Map<string, TokenBucket>();
  const requests: AwsRequest[] = [];
  const localRequests: string[] = [];
  const denied = new Set<string>();
  let throttled = 0;
  let next: { readonly status: number; readonly body: string } | undefined;

  const bucketOf = (version: string, action: string) => {
    const key = `${version} ${action.startsWith("Describe")}`;
    const known = buckets.get(key);
    const bucket = known ?? new TokenBucket(40, 10, nowMs);
    if (!known) buckets.set(key, bucket);
    return bucket;
  };

  const execute = (request: IncomingMessage, body: string): string => {
    const parameters = new URLSearchParams(body.replaceAll("+", "%2B"));
    const [action, version] = [parameters.get("Action") ?? "", parameters.get("Version") ?? ""];
    if (version === "2011-06-15") return assumeRole(role, keys, parameters);
    const call = versions[version]?.[action];
    if (!call) throw new AwsRefusal(400, "InvalidAction", `Could not find operation ${action}`);
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const { method = "", url: path = "" } = request;
    const arrived = { method, path, headers: Object.fromEntries(headers), body };
    keys.verify(arrived, region, "elasticloadbalancing");
    if (denied.has(action)) {
      const why = `User: arn:aws:iam::123456789012:user/web is not authorized to perform: elasticloadbalancing:${action}`;
      throw new AwsRefusal(403, "AccessDenied", why);
    }
    if (throttled > 0 || !bucketOf(version, action).take()) {
      throttled = Math.max(0, throttled - 1);
      throw new AwsRefusal(400, "Throttling", "Rate exceeded");
    }
    return call(parameters);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const parameters = new URLSearchParams(body);
    const action = parameters.get("Action") ?? "";
    const xmlns = namespaceOf(parameters.get("Version") ?? "");
    const record = { action, body, rawHeaders: request.rawHeaders };
    response.setHeader("Date", new Date(nowMs()).toUTCString());
    response.setHeader("Content-Type", "text/xml");
    const [id, early] = [field("RequestId", "83c88b9d-12b7-11e3-8b82-87b12EXAMPLE"), next];
    next = undefined;
    if (early) {
      requests.push({ ...record, refusal: `status ${early.status}` });
      response.writeHead(early.status).end(early.body);
      return;
    }
    try {
      const result = element(`${action}Result`, execute(request, body));
      const inner = `${result}${element("ResponseMetadata", id)}`;
      requests.push({ ...record, refusal: "" });
      response.end(`<${action}Response xmlns="${xmlns}">${inner}</${action}Response>`);
    } catch (error) {
      if (!(error instanceof AwsRefusal)) throw error;
      const { status, code, message } = error;
      requests.push({ ...record, refusal: code });
      const about = field("Type", "Sender") + field("Code", code) + field("Message", message);
      const inner = `${element("Error", about)}${id}`;
      response.writeHead(status).end(`<ErrorResponse xmlns="${xmlns}">${inner}</ErrorResponse>`);
    }
  };

  const metadata: MetadataSettings = {
    instanceId: "i-315b7e51",
    region,
    hops: 1,
    hopLimit: 1,
    tokens: "required",
    role,
    containerToken: "",
  };
  const local = metadataServer(metadata, keys, nowMs, (line) => localRequests.push(line));
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  const [port, localPort] = [await listen(t, server, host), await listen(t, local, host)];
  return {
    url: `${tls ? "https" : "http"}://${host}:${port}`,
    localUrl: `http://${host}:${localPort}`,
    ...{ keys, metadata, machines, requests, localRequests, denied },
    addLoadBalancer(name) {
      const registrations = new Registrations(times, nowMs);
      loadBalancers.set(name, registrations);
      return registrations;
    },
    addTargetGroup(arn, type) {
      const registrations = new Registrations(times, nowMs);
      groups.set(arn, { type, port: 80, registrations });
      return registrations;
    },
    throttle(count) {
      if (count !== undefined) throttled = count;
      else for (const bucket of buckets.values()) bucket.drain();
    },
    answerNext(status, body) {
      next = { status, body };
    },
  };
}

function namespaceOf(version: string): string {
  const service = version === "2011-06-15" ? "sts" : "elasticloadbalancing";
  return `http://${service}.amazonaws.com/doc/${version}/`;
}
