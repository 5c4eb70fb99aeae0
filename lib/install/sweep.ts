import { basename, dirname } from "node:path";
import { sweepFolder } from "../base/atomic.ts";
import type { InstallTarget } from "./contract.ts";
import { isSystemError } from "./faults.ts";
import { resolveLinks } from "./read-target.ts";

/**
 * Removes the staged files that a crash has left beside targets, as far as permitted. To be called at the start, before
 * any `install`.
 */
export async function sweep(...targets: readonly InstallTarget[]): Promise<void> {
  const paths: string[] = [];
  for (const { path } of targets) {
    await asFarAsPermitted(async () => paths.push(await resolveLinks(path)));
  }
  for (const [folder, files] of Map.groupBy(paths, (path) => dirname(path))) {
    const names = new Set(files.map((path) => basename(path)));
    await asFarAsPermitted(() => sweepFolder(folder, names));
  }
}

async function asFarAsPermitted(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
