/** The first of some differences, and the number of the others. */
export function listed(found: readonly string[]): string {
  const more = found.length - mostListed;
  return [...found.slice(0, mostListed), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}

const mostListed = 3;
