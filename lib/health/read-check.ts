import { type CheckConfig, checkSchema } from "./kinds.ts";

/**
 * Parses the configuration of a check, as written in a configuration file. If it is invalid, `field` is the name of the
 * invalid field, empty for the check as a whole, and `why` has the expected value.
 */
export function readCheck(
  raw: unknown,
): { readonly check: CheckConfig } | { readonly field: string; readonly why: string } {
  const parsed = checkSchema.safeParse(raw);
  if (parsed.success) return { check: parsed.data };
  const [issue] = parsed.error.issues;
  return { field: String(issue?.path[0] ?? ""), why: issue?.message ?? "" };
}

/** As `readCheck`, for a check that labels of a container ask for. */
export function readLabelCheck(raw: unknown): ReturnType<typeof readCheck> {
  const read = readCheck(raw);
  return "check" in read ? { check: { ...read.check, ofLabels: true } } : read;
}
