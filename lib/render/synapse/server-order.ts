import { MersenneTwister } from "./mersenne-twister.ts";
import type { ServerOrder } from "./settings.ts";

/** The names of servers in the order of the file. */
export function ordered(
  names: readonly string[],
  order: ServerOrder,
  seed: bigint,
): readonly string[] {
  if (order === "no_shuffle") return names;
  if (order === "shuffle") return shuffled(names, new MersenneTwister(seed));
  const sorted = names.toSorted(byBytes);
  return order === "asc" ? sorted : sorted.reverse();
}

/** As Ruby's `Array#shuffle` does it: from the last place down, exchanged with a random one of the places up to it. */
export function shuffled<Item>(items: readonly Item[], random: MersenneTwister): readonly Item[] {
  const result = [...items];
  for (let last = result.length - 1; last >= 0; last -= 1) {
    const other = random.upTo(last);
    [result[last], result[other]] = [result[other] as Item, result[last] as Item];
  }
  return result;
}

/** By the bytes of UTF-8, as Ruby compares strings. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
