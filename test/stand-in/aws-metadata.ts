import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AwsKeys } from "./aws-keys.ts";
import { credentialsJson, type Role } from "./aws-roles.ts";

/** The metadata service and the agent of containers, which may be changed while they run. */
export interface MetadataSettings {
  instanceId: string;
  region: string;
  /** Hops from the caller to the service: with more than `hopLimit`, the response with the token gets lost. */
  hops: number;
  hopLimit: number;
  /** `none`: a service of version 1 only. */
  tokens: "required" | "optional" | "none";
  /** Undefined: the machine has none. */
  role: Role | undefined;
  /** What callers of the agent of containers have to send as Authorization; empty for nothing. */
  containerToken: string;
}

/** An address that only the machine itself reaches: instance metadata below `/latest`, `/container` for containers. */
export function metadataServer(
  settings: MetadataSettings,
  keys: AwsKeys,
  nowMs: () => number,
  onRequest: (line: string) => void,
): Server {
  /** The end of each token's time. */
  const tokens = new Map<string, number>();

  const token = ({ headers }: IncomingMessage): readonly [number, string] | undefined => {
    if (settings.tokens === "none") return [404, ""];
    // Requests that were forwarded are refused.
    if (headers["x-forwarded-for"]) return [403, ""];
    const seconds = Number(headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    if (!(seconds >= 1 && seconds <= 21_600)) return [400, ""];
    if (settings.hops > settings.hopLimit) return undefined;
    const value = `metadata-token-${tokens.size}==`;
    tokens.set(value, nowMs() + seconds * 1000);
    return [200, value];
  };

  const texts = (path: string): string | undefined => {
    const { instanceId, region, role } = settings;
    const values: Readonly<Record<string, string | undefined>> = {
      "instance-id": instanceId,
      "placement/region": region,
      "placement/availability-zone": `${region}a`,
      "local-ipv4": "10.0.0.1",
      "iam/security-credentials/": role?.name,
    };
    if (role && path === `iam/security-credentials/${role.name}`) {
      return credentialsJson(role, keys);
    }
    return values[path];
  };

  const metadata = (path: string, { headers }: IncomingMessage): readonly [number, string] => {
    const given = String(headers["x-aws-ec2-metadata-token"] ?? "");
    const isValid = (tokens.get(given) ?? 0) > nowMs();
    if (given ? !isValid : settings.tokens === "required") return [401, ""];
    const text = texts(path);
    return text === undefined ? [404, ""] : [200, text];
  };

  const container = ({ headers }: IncomingMessage): readonly [number, string] => {
    const { role, containerToken } = settings;
    if ((headers.authorization ?? "") !== containerToken) return [401, ""];
    return role ? [200, credentialsJson(role, keys)] : [404, ""];
  };

  return createServer((request, response) => {
    const { method, url = "" } = request;
    onRequest(`${method} ${url}`);
    const [, path] = /^\/latest\/meta-data\/(.*)$/.exec(url) ?? [];
    const [status, text] =
      url === "/latest/api/token"
        ? (token(request) ?? [0, ""])
        : url === "/container"
          ? container(request)
          : path === undefined
            ? [404, ""]
            : metadata(path, request);
    // The response that got lost: the caller waits in vain.
    if (status !== 0) response.writeHead(status).end(text);
  });
}
