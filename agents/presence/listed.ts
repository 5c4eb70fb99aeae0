/** The most names in a sentence. */
const most = 3;

/** Names for a sentence: `web/a, web/b, web/c and 7 others`. */
export function listed(names: readonly string[]): string {
  if (names.length <= most + 1) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} others`;
}
