import { mkdir } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";
import { watchFiles } from "../../base/file-watch.ts";
import { race } from "../../base/signal.ts";
import { type Batch, folderOf } from "../../model/entry.ts";
import { unreadable } from "./faults.ts";
import { keyOf } from "./path.ts";
import { Reader } from "./reader.ts";
import { type Swept, sweep } from "./sweep.ts";
import type { Uptime } from "./uptime.ts";

/** How often everything is looked at, in case the system dropped a notice. */
const compareMs = 10_000;

/** How often the sessions are looked at, unless one is known to expire before that. */
const sweepMs = 500;

/** How long the first reset waits for files that are being written. */
const patienceMs = 1000;

export interface WatchDeps {
  readonly clock: Clock;
  readonly uptime: Uptime;
}

/** Follows the keys at or below the prefixes in the keyspace folder `root`, an absolute path. */
export async function* watchFolder(
  root: string,
  prefixes: readonly string[],
  { clock, uptime }: WatchDeps,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  signal.throwIfAborted();
  await makeFolder(root);
  const reader = new Reader(root, prefixes.map(folderOf), clock);
  await using files = watchFiles([root], {
    ignored: (path) => {
      const key = keyOf(root, path);
      return key === undefined || !reader.wants(key);
    },
  });

  await files.changed(signal);
  let swept = await sweep(root, uptime);
  await reader.look(files.take(), swept.ghosts);
  await untilRested(reader, swept, clock, signal);
  yield { kind: "reset", revision: "1", entries: reader.entries };

  let [sweepAtMs, compareAtMs] = [clock.now(), clock.now() + compareMs];
  for (let revision = 2; ; ) {
    const waitMs = Math.min(sweepAtMs, compareAtMs, reader.restedAtMs) - clock.now();
    await race(
      signal,
      (s) => files.changed(s),
      (s) => clock.sleep(Math.max(0, waitMs), s),
    );
    const paths = new Set([...files.take(), ...reader.rested()]);
    if (clock.now() >= sweepAtMs) {
      const before = swept.ghosts;
      swept = await sweep(root, uptime);
      sweepAtMs = clock.now() + Math.min(sweepMs, swept.nextMs);
      if (!sameSet(before, swept.ghosts)) paths.add(root);
    }
    if (clock.now() >= compareAtMs) {
      compareAtMs = clock.now() + compareMs;
      paths.add(root);
    }
    if (paths.size === 0) continue;
    const { put, gone } = await reader.look(paths, swept.ghosts);
    if (put.size + gone.size === 0) continue;
    yield { kind: "delta", revision: String(revision), put, gone: [...gone] };
    revision += 1;
  }
}

async function makeFolder(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
  } catch (error) {
    throw unreadable(error, root);
  }
}

/** What is being written when the watch begins belongs to the reset, if it comes to rest. */
async function untilRested(
  reader: Reader,
  { ghosts }: Swept,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const endMs = clock.now() + patienceMs;
  while (reader.restedAtMs < endMs) {
    await clock.sleep(Math.max(0, reader.restedAtMs - clock.now()), signal);
    await reader.look(new Set(reader.rested()), ghosts);
  }
}

function sameSet<T>(one: ReadonlySet<T>, other: ReadonlySet<T>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
