import { type Agent, get } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** Status and body, asked on a connection of its own unless an agent keeps them. */
export async function fetchOnce(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  agent: Agent | false = false,
): Promise<{ readonly status: number; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  get(url, { agent, headers, timeout: 5000 }, resolve)
    .on("error", reject)
    .on("timeout", () => reject(new Error(`${url} did not answer within 5s`)));
  const response = await promise;
  return { status: response.statusCode ?? 0, body: await text(response) };
}

export interface Asking {
  /** How many requests were answered so far. */
  answered(): number;
  /** Resolves with what went wrong, once the last request has ended. */
  stop(): Promise<readonly string[]>;
}

/** Asks all the time, each time on a new connection unless an agent keeps them; anything but 200 is a failure. */
export function keepAsking(url: string, agent: Agent | false = false): Asking {
  let answered = 0;
  let stopped = false;
  const failures: string[] = [];
  const asker = async () => {
    while (!stopped) {
      const answer = await fetchOnce(url, {}, agent).catch(String);
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
