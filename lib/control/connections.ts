import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * The connections of a server, of which there are at most `most`: clients must not use up the file descriptors that the agent
 * needs. A further one takes the place of the oldest that waits, so that connections on which nothing is asked
 * cannot keep out one on which something is. It is refused if the agent works on an answer for each.
 */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #answering = new Set<Socket>();

  constructor(server: Server, most: number) {
    server.on("connection", (socket) => {
      if (this.#open.size >= most) this.#makeRoom(socket);
      if (socket.destroyed) return;
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
    });
  }

  /** The connection is kept until the result is disposed of. */
  answering(socket: Socket): Disposable {
    this.#answering.add(socket);
    return { [Symbol.dispose]: () => this.#answering.delete(socket) };
  }

  #makeRoom(socket: Socket): void {
    const oldest = this.#open.values().find((one) => !this.#answering.has(one)) ?? socket;
    this.#open.delete(oldest);
    oldest.destroy();
  }
}
