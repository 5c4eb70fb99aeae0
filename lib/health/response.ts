import { excerpt } from "../base/excerpt.ts";

/** A status, or a class of statuses such as `2xx`. */
export type StatusPattern = number | string;

/** The conditions for a healthy response. */
export interface Expected {
  readonly expect: readonly StatusPattern[];
  readonly contains?: string | undefined;
  /** A regular expression. */
  readonly matches?: string | undefined;
}

/** Describes an unexpected status; undefined if it is expected. */
export function wrongStatus({ expect }: Expected, status: number): string | undefined {
  const statusClass = `${Math.floor(status / 100)}xx`;
  if (expect.includes(status) || expect.includes(statusClass)) return undefined;
  return `status ${status}, expected ${expect.join(", ")}`;
}

/** Describes an unexpected body; undefined if it is expected. */
export function wrongBody({ contains, matches }: Expected, body: string): string | undefined {
  if (contains !== undefined && !body.includes(contains)) {
    return `the body does not contain ${excerpt(contains)}`;
  }
  if (matches !== undefined && !new RegExp(matches).test(body)) {
    return `the body does not match /${matches}/`;
  }
  return undefined;
}
