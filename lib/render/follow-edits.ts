import { basename } from "node:path";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { type FileWatch, watchFiles } from "../base/file-watch.ts";
import type { Log } from "../base/log.ts";
import { race } from "../base/signal.ts";
import type { TemplateFile } from "./template-file.ts";

/**
 * Takes up edits of a template, and has everything rendered again. A broken one is said, and what was read
 * before stays in force until it is mended.
 */
export async function followEdits(
  file: TemplateFile,
  snapshot: Cell<unknown>,
  { log, clock }: { readonly log: Log; readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  await using files = watchFiles(file.watched, { ignored: isPassing });
  let broken = "";
  for (;;) {
    await files.changed(signal);
    await rest(files, clock, signal);
    try {
      if (!(await file.reload())) continue;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code, message } = error;
      if (message !== broken) {
        log.error("template_invalid", `${message}; what was read before stays in force`, { code });
      }
      broken = message;
      continue;
    }
    broken = "";
    log.info("template_reloaded", `${file.plan.source} was edited and read again`);
    // The same keys again: what is made of them has changed.
    snapshot.set(snapshot.value);
  }
}

/** How long a template must have been left alone before it is read, in milliseconds: half of it may be a template too. */
const restMs = 100;

/** Takes what has changed until nothing does any more. */
export async function rest(
  files: Pick<FileWatch, "changed" | "take">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let isMoving = true; isMoving; ) {
    files.take();
    isMoving = await race<boolean>(
      signal,
      (s) => files.changed(s).then(() => true),
      (s) => clock.sleep(restMs, s).then(() => false),
    );
  }
}

/** What editors put beside a file for a moment. */
function isPassing(path: string): boolean {
  return /^\.|~$|^4913$/.test(basename(path));
}
