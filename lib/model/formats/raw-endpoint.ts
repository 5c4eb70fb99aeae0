import { excerpt } from "../../base/excerpt.ts";

/** The fields of an entry in any format, before validation. */
export interface RawEndpoint {
  readonly host: unknown;
  readonly port: unknown;
  readonly name?: unknown;
  /** Stands for the name of the entry where no proxy's file can hold that. */
  readonly id?: string;
  readonly weight?: unknown;
  readonly labels?: unknown;
  /** Fields that only some readers use. */
  readonly serverOptions?: unknown;
}

/** The reason why an entry is invalid, on one line: the value found and the value expected. */
export interface Invalid {
  readonly why: string;
}

/** Formats the reason for an invalid field: `its port is 0: expected 1 to 65535`. */
export function invalid(field: string, found: unknown, expected: string): Invalid {
  const actual = found === undefined || found === null ? "missing" : excerpt(found);
  return { why: `its ${field} is ${actual}: expected ${expected}` };
}
