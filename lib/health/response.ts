import { excerpt } from "../base/excerpt.ts";
/** A status, or a class of statuses such as `2xx`. */
export type StatusPattern = number | string;

/** What an answer has to be to count as well. */
export interface Expected {
  readonly expect: readonly StatusPattern[];
  readonly contains?: string | undefined;
  /** A regular expression. */
  readonly matches?: string | undefined;
}

/** What is wrong with a status; undefined if it was expected. */
export function wrongStatus({ expect }: Expected, status: number): string | undefined {
  const kind = `${Math.floor(status / 100)}xx`;
  if (expect.includes(status) || expect.includes(kind)) return undefined;
  return `status ${status}, expected ${expect.join(", ")}`;
}

/** What is wrong with a body; undefined if it is as expected. */
export function wrongBody({ contains, matches }: Expected, body: string): string | undefined {
  if (contains !== undefined && !body.includes(contains)) {
    return `the body does not contain ${excerpt(contains)}`;
  }
  if (matches !== undefined && !new RegExp(matches).test(body)) {
    return `the body does not match /${matches}/`;
  }
  return undefined;
}

/** Whether the body has to be read at all. */
export function readsBody({ contains, matches }: Expected): boolean {
  return contains !== undefined || matches !== undefined;
}
