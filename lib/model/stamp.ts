import { unsealed } from "./seal.ts";

/** Each value that may have a stamp begins so: the values of other programs are compared as they are. */
const beginning = '{"host":';

/** The last key of a stamped value. */
const stamp = /,"at":(\d{1,15})\}$/;

/** Longer than any stamp: a long value is not searched. */
const longestStamp = 24;

/** The value of an entry in the format `json`, with the time at which the instance became what it shows: milliseconds since 1970. */
export function stamped(value: string, atMs: number): string {
  return `${value.slice(0, -1)},"at":${Math.floor(atMs)}}`;
}

/** The time of a stamped value in milliseconds since 1970; undefined for any other value. */
export function stampOf(value: string): number | undefined {
  const digits = found(unsealed(value))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Whether two values are the same instance in the same state, since whenever and whichever agent has signed it: a stamp is no reason to
 * write an entry.
 */
export function isSameButStamp(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  return withoutStamp(one) === withoutStamp(other);
}

/** A value as it is without its stamp, and without its signature. */
export function withoutStamp(value: string): string {
  const plain = unsealed(value);
  const at = found(plain);
  return at ? `${plain.slice(0, -at[0].length)}}` : plain;
}

function found(value: string): RegExpExecArray | null {
  return value.startsWith(beginning) ? stamp.exec(value.slice(-longestStamp)) : null;
}
