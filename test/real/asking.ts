import { type RequestOptions, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** Status and body, asked on a connection of its own unless the options say otherwise. */
export async function fetchOnce(
  url: string,
  options: RequestOptions = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  request(url, { agent: false, timeout: 5000, ...options }, resolve)
    .on("error", reject)
    .on("timeout", () => reject(new Error(`${url} did not answer within 5s`)))
    .end();
  const response = await promise;
  return { status: response.statusCode ?? 0, body: await text(response) };
}

export interface Asking {
  /** How many requests were answered so far. */
  answered(): number;
  /** Resolves with what went wrong, once the last request has ended. */
  stop(): Promise<readonly string[]>;
}

/** Asks all the time, on new connections unless the options say otherwise; anything but 200 is a failure. */
export function keepAsking(url: string, options: RequestOptions = {}): Asking {
  let answered = 0;
  let stopped = false;
  const failures: string[] = [];
  const asker = async () => {
    while (!stopped) {
      const answer = await fetchOnce(url, options).catch(String);
      if (typeof answer === "string") failures.push(answer);
      else if (answer.status !== 200) failures.push(`status ${answer.status}`);
      else answered += 1;
      await delay(2);
    }
  };
  const askers = [asker(), asker(), asker(), asker()];
  return {
    answered: () => answered,
    async stop() {
      stopped = true;
      await Promise.all(askers);
      return failures;
    },
  };
}
