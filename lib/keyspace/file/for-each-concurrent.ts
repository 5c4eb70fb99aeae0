/**
 * Does `work` for every item, so many at a time that a disk is kept busy and file descriptors do not run
 * out. The first failure is thrown once all lanes have come to a stop.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  const ends = await Promise.allSettled(Array.from({ length: 16 }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
