import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** A server of this process: its port, and the times at which it did not listen, in milliseconds since the epoch. */
export interface Moody {
  readonly mood: string;
  readonly type: "http" | "tcp";
  readonly port: number;
  /** Whether it listened all the time from `fromMs` to `toMs`. */
  listened(fromMs: number, toMs: number): boolean;
}

interface Mood {
  readonly type: Moody["type"];
  /** Lives until the signal aborts. */
  readonly live: (server: Restartable, signal: AbortSignal) => Promise<void>;
}

const between = (fromMs: number, toMs: number) => fromMs + Math.random() * (toMs - fromMs);

/** Closes idle connections of a random age again and again. */
const closing =
  (fromMs: number, toMs: number): Mood["live"] =>
  async (server, signal) => {
    for (;;) {
      await delay(between(fromMs, toMs), undefined, { signal });
      server.closeConnections();
    }
  };

/** Ends after a while, and starts again. */
const restarting =
  (downMs: readonly [number, number], upMs: readonly [number, number]): Mood["live"] =>
  async (server, signal) => {
    for (;;) {
      await delay(between(...upMs), undefined, { signal });
      await server.end();
      await delay(between(...downMs), undefined, { signal });
      await server.begin();
    }
  };

/** What the servers do; the first ones always listen. */
export const moods: Readonly<Record<string, Mood>> = {
  "closes idle connections, http": { type: "http", live: closing(20, 3000) },
  "closes idle connections, tcp": { type: "tcp", live: closing(20, 3000) },
  "closes idle connections seldom": { type: "http", live: closing(8000, 20_000) },
  "restarts within 300 ms": { type: "http", live: restarting([0, 300], [5000, 15_000]) },
  "restarts within 5 s": { type: "http", live: restarting([300, 5000], [5000, 15_000]) },
  "refuses and accepts": { type: "tcp", live: restarting([50, 8000], [50, 8000]) },
};

/** A server that can stop to listen, and start again at its port. */
class Restartable implements Moody {
  readonly mood: string;
  readonly type: Moody["type"];
  port = 0;
  readonly #outages: { readonly fromMs: number; toMs: number }[] = [];
  readonly #open = new Set<Socket>();
  #server: Server | HttpServer;

  constructor(mood: string, type: Moody["type"]) {
    this.mood = mood;
    this.type = type;
    this.#server = this.#create();
  }

  async begin(): Promise<void> {
    this.#server = this.#create();
    await new Promise<void>((resolve) =>
      this.#server.listen(this.port, "127.0.0.1", () => resolve()),
    );
    const last = this.#outages.at(-1);
    if (last) last.toMs = Date.now();
    const address = this.#server.address();
    if (address && typeof address === "object") this.port = address.port;
  }

  async end(): Promise<void> {
    this.#outages.push({ fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY });
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.closeConnections();
    await closed;
  }

  closeConnections(): void {
    for (const socket of this.#open) socket.destroy();
  }

  listened(fromMs: number, toMs: number): boolean {
    return this.#outages.every((outage) => outage.toMs < fromMs || outage.fromMs > toMs);
  }

  #create(): Server | HttpServer {
    const server =
      this.type === "http"
        ? createHttpServer((_request, response) => response.end("up"))
        : createServer((socket) => socket.resume());
    return server.on("connection", (socket: Socket) => {
      this.#open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => this.#open.delete(socket));
    });
  }
}

/** Starts some servers of each mood. They live until the signal aborts. */
export async function startMoody(count: number, signal: AbortSignal): Promise<readonly Moody[]> {
  const all = Object.entries(moods).flatMap(([mood, { type, live }]) =>
    Array.from({ length: count }, () => ({ server: new Restartable(mood, type), live })),
  );
  for (const { server, live } of all) {
    await server.begin();
    live(server, signal).catch(() => {});
    signal.addEventListener("abort", () => void server.end(), { once: true });
  }
  return all.map(({ server }) => server);
}
