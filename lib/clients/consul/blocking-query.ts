import type { ConsulClient, ConsulRequest, ConsulResult } from "./client.ts";
import { QueryPace } from "./query-pace.ts";

/** How long Consul holds a query back without a change, in milliseconds. A connection that is lost silently is noticed after that. */
const defaultWaitMs = 60_000;

/** Added to the longest time that Consul may take, in milliseconds. */
const graceMs = 10_000;

export type QueryRequest = Pick<ConsulRequest, "path" | "query"> & {
  readonly waitMs?: number;
};

/**
 * The results of a query: the first one at once, then each in which something may have changed, and one after each wait. An index
 * that goes backwards begins anew, as after a restored snapshot; and one below 1 counts as 1, since Consul would answer 0 at once
 * again and again. A result with the same index is yielded, too: after a restored snapshot other changes get indexes that were in
 * use before. Ends only by rejecting.
 */
export async function* blockingQuery(
  client: ConsulClient,
  { path, query = {}, waitMs = defaultWaitMs }: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<ConsulResult, never> {
  const pace = new QueryPace(client.clock);
  const wait = `${Math.ceil(waitMs / 1000)}s`;
  for (let index = 0; ; ) {
    const isFirst = index === 0;
    const asked = isFirst ? query : { ...query, index, wait };
    const limitMs = graceMs + (isFirst ? 0 : waitMs + waitMs / 16);
    const result = await client.query({ path, query: asked, limitMs }, signal);
    const isChanged = isFirst || result.index !== index;
    index = nextIndex(index, result.index);
    yield result;
    await pace.wait(isChanged, signal);
  }
}

/** The index to ask with next; 0 asks for the result as it is now. */
export function nextIndex(asked: number, answered: number): number {
  const index = Math.max(1, answered);
  return index < asked ? 0 : index;
}
