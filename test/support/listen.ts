import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { TestContext } from "node:test";

/** Makes a server listen on a free port until the test is over. Resolves with the port. */
export async function listen(
  t: Pick<TestContext, "after">,
  server: Server,
  host = "127.0.0.1",
): Promise<number> {
  await once(server.listen(0, host), "listening");
  t.after(() => {
    // An HTTP server keeps idle connections open, which would keep the process alive.
    if ("closeAllConnections" in server) (server.closeAllConnections as () => void)();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
