import { createHash, createHmac } from "node:crypto";
import { AwsRefusal } from "./aws-refusal.ts";

/** A key that requests are signed with. */
export interface IssuedKey {
  readonly id: string;
  readonly secret: string;
  readonly token?: string;
  /** Milliseconds since 1970. */
  readonly expiresAtMs?: number;
}

/** A request as it has arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How far the time of a request may differ, in milliseconds. */
const toleranceMs = 15 * 60_000;

/** The keys of an account. Signatures are recomputed by the description in AWS's documentation, apart from ours. */
export class AwsKeys {
  readonly #nowMs: () => number;
  readonly #keys = new Map<string, IssuedKey>();
  #issued = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  add(key: IssuedKey): void {
    this.#keys.set(key.id, key);
  }

  /** A new temporary key, as roles have it. */
  issue(lifeMs: number): IssuedKey & { readonly token: string; readonly expiresAtMs: number } {
    this.#issued += 1;
    const unique = String(this.#issued).padStart(8, "0");
    const key = {
      id: `ASIASTANDIN${unique}`,
      secret: `secret/of+${unique}`,
      token: `token/of+the=session ${unique}`.replaceAll(" ", ""),
      expiresAtMs: this.#nowMs() + lifeMs,
    };
    this.add(key);
    return key;
  }

  /** All temporary keys become invalid before their time. */
  expireAll(): void {
    for (const key of this.#keys.values()) {
      if (key.token) this.#keys.set(key.id, { ...key, expiresAtMs: this.#nowMs() });
    }
  }

  /** Throws the refusal of a request that is not signed as it has to be. */
  verify(request: Arrived, region: string, service: string): void {
    const { headers } = request;
    const parts =
      /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
        headers.authorization ?? "",
      );
    if (!parts) {
      const why = "Request is missing Authentication Token";
      throw new AwsRefusal(403, "MissingAuthenticationToken", why);
    }
    const [, id = "", day = "", forRegion, forService, names = "", signature] = parts;
    const key = this.#valid(id, headers["x-amz-security-token"] ?? "");
    const date = headers["x-amz-date"] ?? "";
    this.#checkTime(date, day);
    if (forRegion !== region || forService !== service) {
      throw mismatch(`Credential should be scoped to a valid region, not '${forRegion}'.`);
    }
    for (const name of ["host", "x-amz-date", key.token && "x-amz-security-token"]) {
      if (name && !names.split(";").includes(name)) throw mismatch(`'${name}' must be signed.`);
    }
    const canonical = canonicalRequest(request, names);
    const scope = [day, region, service, "aws4_request"];
    const toSign = `AWS4-HMAC-SHA256\n${date}\n${scope.join("/")}\n${hash(canonical)}`;
    let secret: Buffer = Buffer.from(`AWS4${key.secret}`);
    for (const part of [...scope, toSign]) {
      secret = createHmac("sha256", secret).update(part, "utf8").digest();
    }
    if (secret.toString("hex") === signature) return;
    const hint = "The request signature we calculated does not match the signature you provided.";
    throw mismatch(`${hint}\n\nThe Canonical String should have been\n'${canonical}'`);
  }

  #valid(id: string, token: string): IssuedKey {
    const key = this.#keys.get(id);
    if (!key || (key.token ?? "") !== token) {
      const why = "The security token included in the request is invalid.";
      throw new AwsRefusal(403, "InvalidClientTokenId", why);
    }
    if (key.expiresAtMs !== undefined && this.#nowMs() >= key.expiresAtMs) {
      const why = "The security token included in the request is expired";
      throw new AwsRefusal(403, "ExpiredToken", why);
    }
    return key;
  }

  #checkTime(date: string, day: string): void {
    const [, ...of] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
    const [year = Number.NaN, month = 0, ...rest] = of.map(Number);
    const atMs = Date.UTC(year, month - 1, ...rest);
    if (Number.isNaN(atMs) || !date.startsWith(day)) throw mismatch("Date in Credential scope");
    const nowMs = this.#nowMs();
    const now = new Date(nowMs).toISOString();
    if (atMs < nowMs - toleranceMs) {
      throw mismatch(`Signature expired: ${date} is now earlier than ${now} - 15 min.`);
    }
    if (atMs > nowMs + toleranceMs) {
      throw mismatch(`Signature not yet current: ${date} is still later than ${now} + 15 min.`);
    }
  }
}

function canonicalRequest({ method, path, headers, body }: Arrived, names: string): string {
  let lines = "";
  for (const name of names.split(";")) lines += `${name}:${(headers[name] ?? "").trim()}\n`;
  return `${method}\n${path}\n\n${lines}\n${names}\n${hash(body)}`;
}

const hash = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

const mismatch = (why: string) => new AwsRefusal(403, "SignatureDoesNotMatch", why);
