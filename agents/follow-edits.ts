import { basename } from "node:path";
import type { Cell } from "../lib/base/cell.ts";
import { Fault } from "../lib/base/fault.ts";
import { fileChanges } from "../lib/base/file-watch.ts";
import type { Log } from "../lib/base/log.ts";
import type { TemplateFile } from "./template-file.ts";

/**
 * Takes up edits of a template, and has everything rendered again. A broken one is said, and what was read
 * before stays in force until it is mended.
 */
export async function followEdits(
  file: TemplateFile,
  snapshot: Cell<unknown>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let broken = "";
  for await (const _ of fileChanges(file.watched, { ignored: isPassing }, signal)) {
    try {
      if (!(await file.reload())) continue;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code, message } = error;
      if (message !== broken) {
        log.error("template_broken", `${message}; what was read before stays in force`, { code });
      }
      broken = message;
      continue;
    }
    broken = "";
    log.info("template_read", `${file.plan.source} was edited and read again`);
    // The same keys again: what is made of them has changed.
    snapshot.set(snapshot.value);
  }
}

/** What editors put beside a file for a moment. */
function isPassing(path: string): boolean {
  return /^\.|~$|^4913$/.test(basename(path));
}
