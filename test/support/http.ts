import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { hangMs } from "./process.ts";

export interface Response {
  readonly status: number;
  /** Without white space at its ends. */
  readonly body: string;
}

/** One request, on a connection of its own unless the options name an agent. */
export async function fetchOnce(url: string, options: RequestOptions = {}): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { timeout = hangMs } = options;
  const sent = request(url, { agent: false, ...options, timeout }, resolve);
  sent.on("timeout", () => sent.destroy(new Error(`${url} did not answer within ${timeout} ms`)));
  sent.on("error", reject).end();
  const response = await promise;
  return { status: response.statusCode ?? 0, body: (await text(response)).trim() };
}

export interface Requests {
  /** How many requests have been answered so far. */
  answered(): number;
  /** Resolves with the failures once the last request has ended. */
  stop(): Promise<readonly string[]>;
}

/**
 * Four clients that send one request after the other, on new connections unless the options name an agent. Each answer
 * other than 200 is a failure, and so is no answer within 5 s.
 */
export function keepRequesting(url: string, options: RequestOptions = {}): Requests {
  let answered = 0;
  let stopped = false;
  const failures: string[] = [];
  const client = async () => {
    while (!stopped) {
      const answer = await fetchOnce(url, { timeout: 5000, ...options }).catch(String);
      if (typeof answer === "string") failures.push(answer);
      else if (answer.status !== 200) failures.push(`status ${answer.status}`);
      else answered += 1;
      await delay(2);
    }
  };
  const clients = [client(), client(), client(), client()];
  return {
    answered: () => answered,
    async stop() {
      stopped = true;
      await Promise.all(clients);
      return failures;
    },
  };
}
