import { abortable, runAll } from "../../base/signal.ts";
import type { Paths } from "./touched.ts";

/** What a walk does on its way. */
export interface Steps {
  /** Looks at a node; resolves with whether to go on below it. */
  visit(path: string): Promise<boolean>;
  /** The nodes right below one that are to be visited. */
  below(path: string): Promise<readonly string[]>;
}

/**
 * Visits the nodes in `data`, then what is below them and below those in `children`, one level after the
 * other. What is below is asked for only once all of a level have been visited.
 */
export async function walk(
  { data, children }: Paths,
  steps: Steps,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set(children);
  await each(data, signal, async (path) => {
    if (await steps.visit(path)) folders.add(path);
  });
  const below: (readonly string[])[] = [];
  await each(folders, signal, async (path) => {
    below.push(await steps.below(path));
  });
  const level = new Set(below.flat());
  if (level.size > 0) await walk({ data: level, children: new Set() }, steps, signal);
}

/** How many nodes are asked for at once: more make the answers no faster, but take memory on both sides. */
const width = 256;

/** Does `work` for each path. */
export async function each(
  paths: ReadonlySet<string>,
  signal: AbortSignal,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const queue = paths.values();
  const worker = async (s: AbortSignal) => {
    for (const path of queue) await abortable(work(path), s);
  };
  const workers = Math.min(width, paths.size);
  await runAll(signal, ...Array.from({ length: workers }, () => worker));
}
