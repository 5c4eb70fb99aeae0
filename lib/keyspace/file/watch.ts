import { access, mkdir } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";
import { watchFiles } from "../../base/file-watch.ts";
import { race } from "../../base/signal.ts";
import { type Batch, folderOf } from "../../model/entry.ts";
import { faults, isMissing, unreadable } from "./faults.ts";
import { keyOf } from "./path.ts";
import { Reader } from "./reader.ts";
import { Sweeper } from "./sweeper.ts";
import type { Uptime } from "./uptime.ts";

/** The interval of full scans, in milliseconds, in case the system drops an event. */
const rescanMs = 10_000;

/** How long the first reset waits for files that are being written, in milliseconds. */
const settleLimitMs = 1000;

export interface FileWatchDeps {
  readonly clock: Clock;
  readonly uptime: Uptime;
  readonly mustExist: boolean;
}

/** Watches the keys at or below the prefixes in the keyspace folder `root`, an absolute path. */
export async function* watchFolder(
  root: string,
  prefixes: readonly string[],
  { clock, uptime, mustExist }: FileWatchDeps,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  if (mustExist) await findFolder(root);
  else await makeFolder(root);
  const reader = new Reader(root, prefixes.map(folderOf), clock);
  await using files = watchFiles([root], {
    // A link may lead anywhere. The regular scans notice a change of the file that it names.
    followLinks: false,
    ignored: (path) => {
      const key = keyOf(root, path);
      return key === undefined || !reader.covers(key);
    },
  });

  await files.changed(signal);
  using sweeper = new Sweeper(root, { clock, uptime });
  await sweeper.sweep();
  await reader.scan(files.take(), sweeper.orphans);
  await untilSettled(reader, sweeper.orphans, clock, signal);
  let { unreadable } = reader;
  yield {
    kind: "reset",
    revision: "1",
    entries: reader.entries,
    ...(unreadable.length > 0 && { unreadable }),
  };

  const schedule = new Schedule(root, sweeper, clock);
  for (let revision = 2; ; ) {
    const waitMs = Math.min(schedule.nextDueMs, reader.settledAtMs) - clock.now();
    await race(
      signal,
      (s) => files.changed(s),
      (s) => sweeper.changed(s),
      (s) => clock.sleep(Math.max(0, waitMs), s),
    );
    const changed = files.take();
    const due = await schedule.takeDue(changed);
    const paths = new Set([...changed, ...reader.settledPaths(), ...due]);
    if (paths.size === 0) continue;
    const { put, gone } = await reader.scan(paths, sweeper.orphans);
    const unreadableChanged = reader.unreadable !== unreadable;
    ({ unreadable } = reader);
    if (put.size + gone.size === 0 && !unreadableChanged) continue;
    yield {
      kind: "delta",
      revision: String(revision),
      put,
      gone: [...gone],
      ...(unreadableChanged && { unreadable }),
    };
    revision += 1;
  }
}

/** The regular work of a watch: sweeps, and full scans of the root. */
class Schedule {
  readonly #root: string;
  readonly #sweeper: Sweeper;
  readonly #clock: Clock;
  #rescanAtMs: number;

  constructor(root: string, sweeper: Sweeper, clock: Clock) {
    this.#root = root;
    this.#sweeper = sweeper;
    this.#clock = clock;
    this.#rescanAtMs = clock.now() + rescanMs;
  }

  /** When `takeDue` has something to do, in milliseconds of the clock. */
  get nextDueMs(): number {
    return Math.min(this.#sweeper.dueMs, this.#rescanAtMs);
  }

  /**
   * Sweeps if a sweep is due, or if the root may be another folder now. Returns the root if it has to be scanned: a scan is
   * due, or the orphans have changed.
   */
  async takeDue(changed: ReadonlySet<string>): Promise<readonly string[]> {
    let isScanDue = false;
    if (this.#clock.now() >= this.#sweeper.dueMs || changed.has(this.#root)) {
      const before = this.#sweeper.orphans;
      await this.#sweeper.sweep();
      isScanDue = !isSameSet(before, this.#sweeper.orphans);
    }
    if (this.#clock.now() >= this.#rescanAtMs) {
      this.#rescanAtMs = this.#clock.now() + rescanMs;
      isScanDue = true;
    }
    return isScanDue ? [this.#root] : [];
  }
}

async function findFolder(root: string): Promise<void> {
  try {
    await access(root);
  } catch (error) {
    if (isMissing(error)) throw faults.KEYSPACE_FILE_FOLDER_MISSING({ path: root }, error);
    throw unreadable(error, root);
  }
}

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    throw unreadable(error, root);
  }
}

/** Waits for the files that are being written when the watch begins, so that the reset includes them. */
async function untilSettled(
  reader: Reader,
  orphans: ReadonlySet<bigint>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const endMs = clock.now() + settleLimitMs;
  while (reader.settledAtMs < endMs) {
    await clock.sleep(Math.max(0, reader.settledAtMs - clock.now()), signal);
    await reader.scan(new Set(reader.settledPaths()), orphans);
  }
}

function isSameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
