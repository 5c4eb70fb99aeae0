import { basename, dirname, resolve } from "node:path";
import type { Cell } from "../base/cell.ts";
import type { Clock } from "../base/clock.ts";
import { Fault } from "../base/fault.ts";
import { type FileWatch, watchFiles } from "../base/file-watch.ts";
import type { Log } from "../base/log.ts";
import { race } from "../base/signal.ts";
import { PartialFolders } from "./partial-folders.ts";

/** A template that can be read again. */
export interface Editable {
  readonly settings: { readonly source: string };
  readonly watched: readonly string[];
  /** Returns whether it changed. Throws a fault where it cannot be used. `partials` are shared by all that are read at once. */
  reload(partials?: PartialFolders): Promise<boolean>;
}

/** A template that is followed. */
export interface Followed {
  readonly file: Editable;
  /** Counts the edits that were read. */
  readonly edits: Cell<number>;
  /** Called after each attempt to read the template; the fault is undefined if it can be used. */
  readonly onRead: (fault: Fault | undefined) => void;
}

export interface FollowEditsDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** `watchFiles`, unless a test has another one. */
  readonly watch?: typeof watchFiles;
  /** Whether all are read at once, since edits may have been missed. */
  readonly areUnread?: boolean;
}

/**
 * Reads templates again whenever they are edited, and counts that in their `edits`. A broken one is logged, and the previous
 * one is kept. One watch serves all of them: thousands of templates may be in one folder.
 */
export async function followEdits(
  all: readonly Followed[],
  { log, clock, watch = watchFiles, areUnread = false }: FollowEditsDeps,
  signal: AbortSignal,
): Promise<void> {
  const readers = readersOf(all.map((one) => new EditReader(one, log)));
  await using files = watch([...readers.keys()], { ignored: isEditorFile });
  const unread = areUnread ? [...readers.values()].flat() : [];
  /** By reader, when to read: once its files have not changed for a while. */
  const due = new Map(unread.map((reader) => [reader, clock.now()]));
  for (;;) {
    await untilDue(files, due.values(), clock, signal);
    for (const path of files.take()) {
      for (const reader of readersAt(path, readers)) due.set(reader, clock.now() + quietMs);
    }
    const partials = new PartialFolders();
    for (const [reader, atMs] of due) {
      if (atMs > clock.now()) continue;
      due.delete(reader);
      if (!(await reader.read(partials))) due.set(reader, clock.now() + exhaustedMs);
    }
  }
}

/** How soon a template is read again that could not be, for a lack of resources, in milliseconds. */
const exhaustedMs = 1000;

/** How long a template must not have changed before it is read, in milliseconds: half of a template may be a valid one, too. */
const quietMs = 100;

/** Waits for a change of the files, or until the first of these times. */
async function untilDue(
  files: Pick<FileWatch, "changed">,
  due: Iterable<number>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const firstMs = Math.min(...due);
  if (!Number.isFinite(firstMs)) return await files.changed(signal);
  await race(
    signal,
    (s) => files.changed(s),
    (s) => clock.sleep(Math.max(0, firstMs - clock.now()), s),
  );
}

/** One template, and the mistake in it that was logged last. */
class EditReader {
  readonly followed: Followed;
  readonly #log: Log;
  #problem = "";

  constructor(followed: Followed, log: Log) {
    this.followed = followed;
    this.#log = log;
  }

  /** Returns false if it has to be tried again, for a lack of resources. */
  async read(partials: PartialFolders): Promise<boolean> {
    const { file, edits, onRead } = this.followed;
    const template = file.settings.source;
    try {
      const isChanged = await file.reload(partials);
      onRead(undefined);
      // A broken edit that was undone: the same mistake is news when it is made again.
      this.#problem = "";
      if (!isChanged) return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      onRead(error);
      const { code, message } = error;
      if (message !== this.#problem) {
        const sentence = `${message}; the previous template is kept`;
        this.#log.error("template_invalid", sentence, { code, template });
      }
      this.#problem = message;
      return code !== "RENDER_RESOURCES_EXHAUSTED";
    }
    this.#log.info("template_reloaded", `${template} was edited and is reloaded`, { template });
    edits.set(edits.value + 1);
    return true;
  }
}

/** The readers by each absolute path whose changes concern them. */
function readersOf(all: readonly EditReader[]): ReadonlyMap<string, readonly EditReader[]> {
  const readers = new Map<string, EditReader[]>();
  for (const reader of all) {
    for (const path of reader.followed.file.watched) {
      const known = readers.get(resolve(path));
      if (known) known.push(reader);
      else readers.set(resolve(path), [reader]);
    }
  }
  return readers;
}

/** A change below a watched folder concerns the readers of that folder. */
function* readersAt(
  path: string,
  readers: ReadonlyMap<string, readonly EditReader[]>,
): Generator<EditReader> {
  for (let at = path; ; at = dirname(at)) {
    yield* readers.get(at) ?? [];
    if (at === dirname(at)) return;
  }
}

/** A file that an editor has beside the edited one for a moment. */
function isEditorFile(path: string): boolean {
  return /^\.|~$|^4913$/.test(basename(path));
}
