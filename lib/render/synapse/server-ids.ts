/**
 * The number of each server in haproxy (`id`). One that a server's entry gives it comes first, then the one that it had in
 * the previous text, then the lowest that is free. A number of the previous text is not free yet, even if its server is
 * gone: the running haproxy may still have it. Servers beyond the highest number get none.
 */
export function assignIds(
  servers: ReadonlyMap<string, { readonly ownId: number | undefined }>,
  known: ReadonlyMap<string, number>,
  max: number,
): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const used = new Set<number>();
  const assign = (name: string, id: number | undefined) => {
    if (id === undefined || used.has(id) || ids.has(name)) return;
    ids.set(name, id);
    used.add(id);
  };
  for (const [name, { ownId }] of servers) assign(name, ownId);
  for (const name of servers.keys()) assign(name, known.get(name));
  const taken = new Set([...used, ...known.values()]);
  let next = 1;
  for (const name of servers.keys()) {
    if (ids.has(name)) continue;
    while (taken.has(next)) next += 1;
    if (next > max) break;
    assign(name, next);
    taken.add(next);
  }
  return ids;
}
