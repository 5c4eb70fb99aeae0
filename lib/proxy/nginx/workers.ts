import { childrenOf, commandLine } from "../processes.ts";

/** The workers of a master that take new connections, or are about to, by process id. */
export async function servingWorkers(master: number): Promise<ReadonlySet<number>> {
  const serving = new Set<number>();
  for (const child of await childrenOf(master)) {
    if (isServing(await commandLine(child))) serving.add(child);
  }
  return serving;
}

/** By the title that a process gives itself; one that is just being started still has its master's. */
export function isServing(title: string): boolean {
  return title !== "" && !/(is shutting down|cache (manager|loader) process)$/.test(title);
}

/** Whether one of these was told by its master to end in good order, as a reload does. */
export async function isAnyLeaving(workers: ReadonlySet<number>): Promise<boolean> {
  for (const worker of workers) {
    if ((await commandLine(worker)).endsWith("is shutting down")) return true;
  }
  return false;
}

/** Whether there is a new generation, and nobody of the old one takes connections any more. */
export function isReplaced(before: ReadonlySet<number>, now: ReadonlySet<number>): boolean {
  return now.size > 0 && now.isDisjointFrom(before);
}
