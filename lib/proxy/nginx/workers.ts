import { childrenOf, commandLine } from "../processes.ts";

/** The process ids of the master's workers that accept connections, or are about to. */
export async function servingWorkers(master: number): Promise<ReadonlySet<number>> {
  const serving = new Set<number>();
  for (const child of await childrenOf(master)) {
    if (isServing(await commandLine(child))) serving.add(child);
  }
  return serving;
}

/** Judges a process by its title. One that was just forked still has its master's title and counts as serving. */
export function isServing(title: string): boolean {
  return title !== "" && !/(is shutting down|cache (manager|loader) process)$/.test(title);
}

/** Whether at least one of the workers is shutting down gracefully, as after a reload. */
export async function isAnyShuttingDown(workers: ReadonlySet<number>): Promise<boolean> {
  for (const worker of workers) {
    if ((await commandLine(worker)).endsWith("is shutting down")) return true;
  }
  return false;
}

/** Whether there are new workers, and none of the old ones still accepts connections. */
export function isReplaced(before: ReadonlySet<number>, now: ReadonlySet<number>): boolean {
  return now.size > 0 && now.isDisjointFrom(before);
}
