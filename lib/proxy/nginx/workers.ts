import { childrenOf, commandLine } from "../processes.ts";

/** The workers of a master that take new connections, by process id. */
export async function servingWorkers(master: number): Promise<ReadonlySet<number>> {
  const serving = new Set<number>();
  for (const child of await childrenOf(master)) {
    // The others are helpers of the cache, or workers whose title ends in "is shutting down".
    if (/worker process$/.test(await commandLine(child))) serving.add(child);
  }
  return serving;
}

/** Whether there is a new generation, and nobody of the old one takes connections any more. */
export function isReplaced(before: ReadonlySet<number>, now: ReadonlySet<number>): boolean {
  return now.size > 0 && now.isDisjointFrom(before);
}
