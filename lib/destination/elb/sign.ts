import { createHash, createHmac } from "node:crypto";

/** What a request is signed with. */
export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Belongs to temporary keys. */
  readonly sessionToken?: string | undefined;
}

/** A POST request as it will be sent. */
export interface Unsigned {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Where and when a signature is valid; `dateMs` is the time of the request, milliseconds since 1970. */
export interface Scope {
  readonly region: string;
  readonly service: string;
  readonly dateMs: number;
}

/** The headers of a request with its signature of version 4, all of them signed; `Host` is signed and not among them. */
export function signed(
  { url, headers, body }: Unsigned,
  { accessKeyId, secretAccessKey, sessionToken }: Key,
  { region, service, dateMs }: Scope,
): Readonly<Record<string, string>> {
  const date = new Date(dateMs).toISOString().replace(/[-:]|\.\d+/g, "");
  const token = sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken };
  const sent = { ...headers, "x-amz-date": date, ...token };
  const lines = Object.entries({ ...sent, host: url.host })
    .map(([name, value]) => [name.toLowerCase(), value.trim().replace(/ +/g, " ")] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = lines.map(([name]) => name).join(";");
  const fields = lines.map(([name, value]) => `${name}:${value}\n`).join("");
  const canonical = ["POST", url.pathname, "", fields, names, sha256(body)].join("\n");
  const parts = [date.slice(0, 8), region, service, "aws4_request"];
  const scope = parts.join("/");
  const text = ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n");
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { ...sent, authorization };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
