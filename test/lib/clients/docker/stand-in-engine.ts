import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { throwAwayFolder } from "../../../support/process.ts";

/** Answers a request instead of the engine; undefined for the default response. */
type Answer = (path: string, response: ServerResponse) => true | undefined;

/** A fake engine on a unix socket, with containers set by the test and a record of requests. */
export interface StandInEngine {
  readonly socket: string;
  /** State by id; set by the test. */
  readonly containers: Map<string, string>;
  /** The paths of all requests. */
  readonly requests: string[];
  /** Replaces the default responses. */
  answer: Answer;
  /** Sends an event of a container to all event streams. */
  emit(action: string, id: string, attributes?: Readonly<Record<string, string>>): void;
  /** Closes the event streams. */
  hangUp(): void;
  /** The number of open connections. */
  connections(): Promise<number>;
}

export async function startStandInEngine(t: TestContext): Promise<StandInEngine> {
  const socket = join(await throwAwayFolder(t), "engine.sock");
  const streams = new Set<ServerResponse>();
  const containers = new Map<string, string>();
  const requests: string[] = [];
  const serve = ({ url: path = "" }: IncomingMessage, response: ServerResponse) => {
    requests.push(path);
    if (engine.answer(path, response)) return;
    if (path === "/_ping") return response.end("OK");
    if (path.startsWith("/events")) {
      streams.add(response.writeHead(200));
      return response.flushHeaders();
    }
    if (path === "/containers/json") {
      const all = Array.from(containers, ([Id, State]) => ({ Id, State }));
      return response.end(JSON.stringify(all));
    }
    const id = path.split("/")[2] ?? "";
    const Status = containers.get(id);
    if (Status === undefined) return response.writeHead(404).end('{"message":"no such container"}');
    const State = { Status, StartedAt: "2026-01-01T00:00:00Z" };
    return response.end(JSON.stringify({ Id: id, Name: `/${id}`, State }));
  };
  const server = createServer(serve);
  const engine: StandInEngine = {
    socket,
    containers,
    requests,
    answer: () => undefined,
    emit: (Action, ID, Attributes = {}) => {
      const event = {
        Type: "container",
        Action,
        Actor: { ID, Attributes },
        time: Date.now() / 1000,
      };
      for (const stream of streams) stream.write(`${JSON.stringify(event)}\n`);
    },
    hangUp: () => {
      for (const stream of streams) stream.end();
    },
    connections: () =>
      new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
  };
  server.listen(socket);
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return engine;
}
