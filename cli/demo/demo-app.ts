import { createServer } from "node:http";

/**
 * A small HTTP application that answers with its name, and with "ok" at /healthz. Prints the port that it listens on; port
 * 0 stands for any free one. Runs until the signal aborts.
 */
export async function demoApp(
  name: string,
  port: number,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const server = createServer((request, response) => {
    response.end(request.url === "/healthz" ? "ok\n" : `${name}\n`);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.once("close", resolve);
  signal.addEventListener("abort", () => server.close().closeAllConnections(), { once: true });
  server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    print(`${typeof address === "object" ? address?.port : port}\n`);
  });
  await promise;
}
