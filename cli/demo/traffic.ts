import { request } from "node:http";
import type { Clock } from "../../lib/base/clock.ts";
import { untilAborted } from "../../lib/base/signal.ts";

/** Requests so far: how many each application answered, and how many nobody did. */
export interface Tally {
  readonly served: Map<string, number>;
  failed: number;
}

/** Requests per second. */
const rate = 50;

/** Sends a steady stream of requests to a proxy until the signal aborts; calls `counted` after each one. */
export async function traffic(
  url: string,
  tally: Tally,
  counted: () => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const pending = new Set<Promise<void>>();
  const send = async (): Promise<void> => {
    while (!signal.aborted) {
      const one = ask(url).then((name) => {
        // Before the first answer the proxy is still starting.
        if (name === undefined) tally.failed += tally.served.size > 0 ? 1 : 0;
        else tally.served.set(name, (tally.served.get(name) ?? 0) + 1);
        counted();
      });
      pending.add(one);
      void one.finally(() => pending.delete(one));
      await clock.sleep(1000 / rate, signal);
    }
  };
  await untilAborted(signal, send());
  await Promise.all(pending);
}

/** Who answered, or undefined when the request failed. */
function ask(url: string): Promise<string | undefined> {
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
