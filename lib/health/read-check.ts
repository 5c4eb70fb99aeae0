import { type CheckConfig, checkSchema } from "./kinds.ts";

/**
 * The configuration of a check that is written as in a configuration file. Where it cannot be read, `field` is the
 * part of it that makes no sense, empty for the whole, and `why` says what was expected.
 */
export function readCheck(
  raw: unknown,
): { readonly check: CheckConfig } | { readonly field: string; readonly why: string } {
  const read = checkSchema.safeParse(raw);
  if (read.success) return { check: read.data };
  const [issue] = read.error.issues;
  return { field: String(issue?.path[0] ?? ""), why: issue?.message ?? "" };
}
