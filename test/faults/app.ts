import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { atEnd } from "../support/process.ts";

/** An application with one port, which is healthy while it listens. */
export class App {
  readonly key: string;
  readonly host: string;
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(key: string, host: string, port: number) {
    this.key = key;
    this.host = host;
    this.port = port;
  }

  /** Listens on a free port of the address until the end of the test. */
  static async start(t: Pick<TestContext, "after">, key: string, host: string): Promise<App> {
    const server = await listening(host, 0);
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port was assigned");
    const app = new App(key, host, address.port);
    app.#serve(server);
    atEnd(t, () => app.down());
    return app;
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  /** The value of the entry that its agent writes. */
  get value(): string {
    return JSON.stringify({ host: this.host, port: this.port, name: "app" });
  }

  async up(): Promise<void> {
    if (!this.#server) this.#serve(await listening(this.host, this.port));
  }

  down(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(server: Server): void {
    this.#server = server;
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#sockets.delete(socket));
      socket.resume();
    });
  }
}

async function listening(host: string, port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}
