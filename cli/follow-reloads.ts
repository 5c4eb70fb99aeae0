import { readFile } from "node:fs/promises";
import type { Clock } from "../lib/base/clock.ts";
import { never, whenAborted } from "../lib/base/signal.ts";

/** How long the files must not have changed before they are read, in milliseconds: an editor writes them in several steps. */
const quietMs = 300;

/** Calls `reload` once files have changed, until `signal` aborts. */
export async function followReloads(
  files: readonly string[],
  reload: (why: string) => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  if (files.length === 0) return await whenAborted(never, signal);
  // Loaded on use: few agents watch their configuration.
  const { watchFiles } = await import("../lib/base/file-watch.ts");
  await using watch = watchFiles(files, { ignored: () => false });
  let last = await textsOf(files);
  for (;;) {
    await watch.changed(signal);
    do {
      watch.take();
      await clock.sleep(quietMs, signal);
    } while (watch.take().size > 0);
    const texts = await textsOf(files);
    if (texts !== last) await reload("its files have changed");
    last = texts;
  }
}

/** A file that cannot be read is reported by the reload. */
async function textsOf(files: readonly string[]): Promise<string> {
  const texts = files.map((file) =>
    readFile(file, "utf8").catch((error: unknown) => String(error)),
  );
  return JSON.stringify(await Promise.all(texts));
}
