/**
 * A paced load, in a process of its own: `node bench/load-client.ts URL HOST KIND PER_SECOND`, where KIND is
 * `fresh` (each request on a connection of its own) or `kept` (sixteen connections that are reused). On any message it
 * stops, and answers with its counts once the last request has ended.
 */
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { Counted } from "./load.ts";

const [url = "", host = "", kind = "", perSecond = ""] = process.argv.slice(2);
const clients = 16;
const everyMs = (1000 * clients) / Number(perSecond);

const failures: Record<string, number> = {};
const lastFailuresMs: number[] = [];
const tookMs: number[] = [];
let answered = 0;
let stopped = false;

async function ask(agent: Agent | false): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { agent, headers: { host }, timeout: 10_000 }, resolve);
  sent.on("error", reject).on("timeout", () => sent.destroy(new Error("no answer")));
  sent.end();
  const begunMs = performance.now();
  try {
    const response = await promise;
    for await (const _ of response);
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
    answered += 1;
    tookMs.push(performance.now() - begunMs);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what = `${code ?? message}${sent.reusedSocket ? " on a kept connection" : ""}`;
    failures[what] = (failures[what] ?? 0) + 1;
    lastFailuresMs.push(Date.now());
  }
}

async function client(n: number): Promise<void> {
  const agent = kind === "kept" ? new Agent({ keepAlive: true, maxSockets: 1 }) : false;
  let nextMs = performance.now() + (everyMs * n) / clients;
  while (!stopped) {
    await delay(Math.max(0, nextMs - performance.now()));
    nextMs = Math.max(nextMs + everyMs, performance.now() - everyMs);
    await ask(agent);
  }
  if (agent) agent.destroy();
}

const running = Promise.all(Array.from({ length: clients }, (_, n) => client(n)));
process.on("message", async () => {
  stopped = true;
  await running;
  process.send?.({ answered, failures, tookMs, failedAtMs: lastFailuresMs } satisfies Counted);
  process.disconnect();
});
