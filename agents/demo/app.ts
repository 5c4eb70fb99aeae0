import { createServer } from "node:http";

/** A small HTTP application: says who it is, and that it is well. Runs until it is killed. */
export async function app(port: number, name: string, signal: AbortSignal): Promise<void> {
  const server = createServer((request, response) => {
    response.end(request.url === "/healthz" ? "ok\n" : `${name}\n`);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.once("close", resolve);
  signal.addEventListener("abort", () => server.close().closeAllConnections(), { once: true });
  server.listen(port, "127.0.0.1");
  await promise;
}
