import { abortable } from "../../base/signal.ts";
import { forEachConcurrent } from "../for-each-concurrent.ts";
import type { Paths } from "./changed-paths.ts";

export interface Visitor {
  /** Visits a node; resolves with whether to visit its children. */
  visit(path: string): Promise<boolean>;
  /** The paths of the children to visit. */
  below(path: string): Promise<readonly string[]>;
}

/**
 * Visits the nodes in `data`, then level by level the children of these and of the nodes in `children`. The children of
 * a level are requested once all of its nodes have been visited.
 */
export async function walk(
  { data, children }: Paths,
  visitor: Visitor,
  signal: AbortSignal,
): Promise<void> {
  const folders = new Set(children);
  await forEachPath(data, signal, async (path) => {
    if (await visitor.visit(path)) folders.add(path);
  });
  const below: (readonly string[])[] = [];
  await forEachPath(folders, signal, async (path) => {
    below.push(await visitor.below(path));
  });
  const level = new Set(below.flat());
  if (level.size > 0) await walk({ data: level, children: new Set() }, visitor, signal);
}

/** More requests in flight would not be answered faster, but take memory on both sides. */
const maxConcurrentRequests = 256;

/** Runs `work` for each path. Does not wait for a request in flight once the signal has aborted. */
export async function forEachPath(
  paths: ReadonlySet<string>,
  signal: AbortSignal,
  work: (path: string) => Promise<void>,
): Promise<void> {
  const abortableWork = (path: string, s: AbortSignal) => abortable(work(path), s);
  await forEachConcurrent(paths, maxConcurrentRequests, abortableWork, signal);
}
