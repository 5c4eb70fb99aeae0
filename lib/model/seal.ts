/** The end of a signed value: how long its signature holds, and the signature with the name of its key, always last. */
const seal = /(,"not-after":(\d{1,15}))(,"sig":"([\w.-]{1,64}):([A-Za-z0-9_-]{86})")\}$/;

/** Longer than any seal: a long value is not searched. */
const longestSeal = 220;

/** The signature of an entry. */
export interface Seal {
  readonly keyName: string;
  /** Until when it holds, in milliseconds since 1970. */
  readonly notAfterMs: number;
  /** The value without the signature, byte for byte. It is signed together with the key of the entry. */
  readonly text: string;
  /** The 64 bytes of Ed25519. */
  readonly signature: Buffer;
}

/** The signature of a value in the format `json`; undefined if it has none at its end. */
export function sealOf(value: string): Seal | undefined {
  const [all, , ms, sig = "", keyName = "", bytes = ""] = found(value) ?? [];
  if (all === undefined) return undefined;
  const text = `${value.slice(0, -sig.length - 1)}}`;
  return { keyName, notAfterMs: Number(ms), text, signature: Buffer.from(bytes, "base64url") };
}

/** A signature to make. */
export interface Signing {
  readonly keyName: string;
  readonly notAfterMs: number;
  readonly sign: (bytes: Buffer) => Buffer;
}

/** An entry's value with a signature. `value` is in the format `json`, and may have a stamp. */
export function sealed(key: string, value: string, { keyName, notAfterMs, sign }: Signing): string {
  const text = `${value.slice(0, -1)},"not-after":${Math.floor(notAfterMs)}}`;
  const signature = sign(signedBytes(key, text)).toString("base64url");
  return `${text.slice(0, -1)},"sig":"${keyName}:${signature}"}`;
}

/** The bytes that are signed: the key of the entry, so that a copy at another key is refused, and its value. */
export function signedBytes(key: string, text: string): Buffer {
  return Buffer.from(`${key}\n${text}`);
}

/** A value as it was before it was signed. */
export function unsealed(value: string): string {
  const [all] = found(value) ?? [];
  return all === undefined ? value : `${value.slice(0, -all.length)}}`;
}

/** Whether two values have the same signature, or none. */
export function hasSameSeal(one: string | undefined, other: string | undefined): boolean {
  return one === other || (found(one ?? "")?.[0] ?? "") === (found(other ?? "")?.[0] ?? "");
}

function found(value: string): RegExpExecArray | null {
  return value.endsWith('"}') ? seal.exec(value.slice(-longestSeal)) : null;
}
