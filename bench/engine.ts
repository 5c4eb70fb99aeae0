import { type RequestOptions, request } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";

/** Sends a POST to the engine, without the time that the docker client takes. Throws if it fails. */
export async function post(socketPath: string, path: string): Promise<void> {
  const response = await answer({ socketPath, path, method: "POST" });
  const body = await text(response);
  if ((response.statusCode ?? 0) >= 300) throw new Error(`POST ${path}: ${body}`);
}

/** The times at which the engine reported the end of containers, by id, as of performance.now(), until the scope ends. */
export async function deaths(
  socketPath: string,
  scope: CleanupScope,
): Promise<ReadonlyMap<string, number>> {
  const filters = encodeURIComponent(JSON.stringify({ type: ["container"], event: ["die"] }));
  const response = await answer({ socketPath, path: `/events?filters=${filters}` });
  scope.after(() => response.destroy());
  const seen = new Map<string, number>();
  createInterface({ input: response }).on("line", (line) => {
    seen.set((JSON.parse(line) as { id: string }).id, performance.now());
  });
  return seen;
}

async function answer(options: RequestOptions) {
  const { promise, resolve, reject } = Promise.withResolvers<import("node:http").IncomingMessage>();
  request({ ...options, agent: false }, resolve)
    .on("error", reject)
    .end();
  return await promise;
}
