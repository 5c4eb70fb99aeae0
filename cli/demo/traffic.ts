import { request } from "node:http";
import type { Clock } from "../../lib/base/clock.ts";
import { untilAborted } from "../../lib/base/signal.ts";

/** The requests so far: answered ones by application, and failed ones. */
export interface RequestCounts {
  readonly served: Map<string, number>;
  failed: number;
}

/** Requests per second. */
const rate = 50;

/** Sends requests to a proxy at a steady rate until the signal aborts. Calls `onCounted` after each one. */
export async function traffic(
  url: string,
  counts: RequestCounts,
  onCounted: () => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const pending = new Set<Promise<void>>();
  const send = async (): Promise<void> => {
    while (!signal.aborted) {
      const counted = fetchName(url).then((name) => {
        count(name, counts);
        onCounted();
      });
      pending.add(counted);
      void counted.finally(() => pending.delete(counted));
      await clock.sleep(1000 / rate, signal);
    }
  };
  await untilAborted(signal, send());
  await Promise.all(pending);
}

/** Failures before the first answer do not count: the proxy is still starting. */
function count(name: string | undefined, counts: RequestCounts): void {
  if (name !== undefined) counts.served.set(name, (counts.served.get(name) ?? 0) + 1);
  else if (counts.served.size > 0) counts.failed += 1;
}

/** The name of the application that answered; undefined if the request failed. */
function fetchName(url: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: false, timeout: 2000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.on("end", () => resolve(response.statusCode === 200 ? text.trim() : undefined));
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}
