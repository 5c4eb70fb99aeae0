import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { throwAwayFolder } from "../../../support/process.ts";

/** What a test has an engine answer to a path; undefined for what it always answers. */
type Answer = (path: string, response: ServerResponse) => true | undefined;

/** Stands in for an engine, on a unix socket: containers as a test has them, and a count of what was asked. */
export interface StandInEngine {
  readonly socket: string;
  /** State by id; to be changed by the test. */
  readonly containers: Map<string, string>;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** Takes the place of what it would answer. */
  answer: Answer;
  /** Tells whoever listens that something has happened to a container. */
  tell(action: string, id: string, attributes?: Readonly<Record<string, string>>): void;
  /** Ends the streams of events. */
  hangUp(): void;
  /** How many connections are open. */
  connections(): Promise<number>;
}

export async function startStandInEngine(t: TestContext): Promise<StandInEngine> {
  const socket = join(await throwAwayFolder(t), "engine.sock");
  const streams = new Set<ServerResponse>();
  const containers = new Map<string, string>();
  const asked: string[] = [];
  const serve = ({ url: path = "" }: IncomingMessage, response: ServerResponse) => {
    asked.push(path);
    if (engine.answer(path, response)) return;
    if (path === "/_ping") return response.end("OK");
    if (path.startsWith("/events")) {
      streams.add(response.writeHead(200));
      return response.flushHeaders();
    }
    if (path === "/containers/json") {
      return response.end(JSON.stringify(Array.from(containers.keys(), (Id) => ({ Id }))));
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
    asked,
    answer: () => undefined,
    tell: (Action, ID, Attributes = {}) => {
      const Actor = { ID, Attributes };
      const told = { Type: "container", Action, Actor, time: Date.now() / 1000 };
      for (const stream of streams) stream.write(`${JSON.stringify(told)}\n`);
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
