import { excerpt } from "../../base/excerpt.ts";
/** What an entry says of an instance before any of it is trusted, whatever the format was. */
export interface RawEndpoint {
  readonly host: unknown;
  readonly port: unknown;
  readonly name?: unknown;
  readonly weight?: unknown;
  readonly labels?: unknown;
}

/** Why an entry cannot be used, in one line: what was found, and what was expected. */
export interface Refused {
  readonly why: string;
}

/** The same sentence for all that can be wrong with a part of an entry. */
export function refusal(part: string, found: unknown, expected: string): Refused {
  const shown = found === undefined || found === null ? "missing" : excerpt(found);
  return { why: `its ${part} is ${shown}: expected ${expected}` };
}
