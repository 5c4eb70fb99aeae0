/** The fields of a JSON object by their lower-case names, since Go ignores case; `_` counts as nothing. */
export function fieldsOf(json: unknown): Readonly<Record<string, unknown>> {
  const fields = Object.entries((json ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    fields.map(([name, value]) => [name.toLowerCase().replaceAll("_", ""), value]),
  );
}
