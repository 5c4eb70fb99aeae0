import { basename } from "node:path";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { type FileWatch, watchFiles } from "../base/file-watch.ts";
import type { Log } from "../base/log.ts";
import { race } from "../base/signal.ts";

/** A template that can be read again. */
export interface Editable {
  readonly settings: { readonly source: string };
  readonly watched: readonly string[];
  /** Returns whether it changed. Throws a fault where it cannot be used. */
  reload(): Promise<boolean>;
}

export interface FollowEditsDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Called after each attempt to read the template; the fault is undefined if it can be used. */
  readonly onRead: (fault: Fault | undefined) => void;
}

/** Reads a template again whenever it is edited, and counts that in `edits`. A broken one is logged, and the previous one is kept. */
export async function followEdits(
  file: Editable,
  edits: Cell<number>,
  { log, clock, onRead }: FollowEditsDeps,
  signal: AbortSignal,
): Promise<void> {
  await using files = watchFiles(file.watched, { ignored: isEditorFile });
  const template = file.settings.source;
  let problem = "";
  let isExhausted = false;
  for (;;) {
    if (isExhausted) await clock.sleep(exhaustedMs, signal);
    else await files.changed(signal);
    await waitUntilQuiet(files, clock, signal);
    isExhausted = false;
    try {
      const isChanged = await file.reload();
      onRead(undefined);
      if (!isChanged) {
        // A broken edit that was undone: the same mistake is news when it is made again.
        problem = "";
        continue;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      onRead(error);
      const { code, message } = error;
      isExhausted = code === "RENDER_RESOURCES_EXHAUSTED";
      if (message !== problem) {
        log.error("template_invalid", `${message}; the previous template is kept`, {
          code,
          template,
        });
      }
      problem = message;
      continue;
    }
    problem = "";
    log.info("template_reloaded", `${template} was edited and is reloaded`, { template });
    edits.set(edits.value + 1);
  }
}

/** How soon a template is read again that could not be, for a lack of resources, in milliseconds. */
const exhaustedMs = 1000;

/** How long a template must not have changed before it is read, in milliseconds: half of a template may be a valid one, too. */
const quietMs = 100;

/** Takes changes until none arrives for a while. */
export async function waitUntilQuiet(
  files: Pick<FileWatch, "changed" | "take">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let isQuiet = false; !isQuiet; ) {
    files.take();
    isQuiet = await race<boolean>(
      signal,
      (s) => files.changed(s).then(() => false),
      (s) => clock.sleep(quietMs, s).then(() => true),
    );
  }
}

/** A file that an editor has beside the edited one for a moment. */
function isEditorFile(path: string): boolean {
  return /^\.|~$|^4913$/.test(basename(path));
}
