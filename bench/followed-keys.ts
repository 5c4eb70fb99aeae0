import { systemClock } from "../lib/base/clock.ts";
import { openKeyspace } from "../lib/keyspace/kinds.ts";
import { keyspaceSchema } from "../lib/keyspace/schema.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** The keys below some folders: the ones that are there, and when the others were last removed, as of performance.now(). */
export interface FollowedKeys {
  readonly present: ReadonlySet<string>;
  readonly gone: ReadonlyMap<string, number>;
}

/** Follows the keys below folders until the end of the scope. */
export async function followKeys(
  scope: CleanupScope,
  url: string,
  folders: readonly string[],
): Promise<FollowedKeys> {
  const deps = { clock: systemClock, random: Math.random };
  const keyspace = await openKeyspace(keyspaceSchema.parse(url), deps);
  const ending = new AbortController();
  const present = new Set<string>();
  const gone = new Map<string, number>();
  const watch = async () => {
    for await (const batch of keyspace.watch(folders, ending.signal)) {
      const nowMs = performance.now();
      const put = batch.kind === "reset" ? batch.entries : batch.put;
      for (const key of put.keys()) present.add(key);
      for (const key of batch.kind === "delta" ? batch.gone : []) {
        present.delete(key);
        gone.set(key, nowMs);
      }
    }
  };
  const watching = watch().catch((error) => {
    if (!ending.signal.aborted) throw error;
  });
  scope.after(async () => {
    ending.abort();
    await watching;
    await keyspace[Symbol.asyncDispose]();
  });
  return { present, gone };
}
