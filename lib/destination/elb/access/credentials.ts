import type { Key } from "../sign.ts";

/** A key to sign requests with. */
export interface Credentials extends Key {
  /** Milliseconds since 1970; undefined if they do not expire. */
  readonly expiresAtMs?: number | undefined;
  /** Where they are from, without secrets: `the environment (AWS_ACCESS_KEY_ID)`, `the instance role web`. */
  readonly source: string;
}

/**
 * Reads credentials. Resolves with the reason if this source is not used; throws a retryable fault if it is meant to be
 * used and fails.
 */
export type Source = (signal: AbortSignal) => Promise<Credentials | string>;

/** The JSON of container credentials and of the instance metadata; a reason if it has none. */
export function credentialsIn(text: string, source: string): Credentials | string {
  const raw = parsed(text);
  const { AccessKeyId, SecretAccessKey, Token, Expiration, Code, Message } = raw;
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string") {
    // A response with status 200 may hold an error.
    const why = [Code, Message].filter((part) => typeof part === "string").join(": ");
    return why || "its response has no AccessKeyId and SecretAccessKey";
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: typeof Token === "string" ? Token : undefined,
    expiresAtMs: timeOf(Expiration),
    source,
  };
}

/** Milliseconds since 1970 of a date in ISO 8601; undefined if it is none. */
export function timeOf(date: unknown): number | undefined {
  const atMs = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
