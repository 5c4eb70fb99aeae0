import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { abortable } from "../../../lib/base/signal.ts";
import { getJson, postJson } from "../../../lib/control/client.ts";
import type { InstanceOperations, Routes, Sink } from "../../../lib/control/contract.ts";
import { instanceRoutes } from "../../../lib/control/instance-routes.ts";
import { isOwnHost } from "../../../lib/control/own-host.ts";
import { atAddress, type Listen, serveHttp } from "../../../lib/control/server.ts";
import { atSocket } from "../../../lib/control/socket.ts";
import { statusRoutes } from "../../../lib/status/routes.ts";
import { fetchOnce } from "../../support/http.ts";
import { eventually, freePort, throwAwayFolder } from "../../support/process.ts";
import { tcpServer } from "../health/servers.ts";
import { answersOf, loop, outOfReach, reportOf, withTemplate } from "../status/facts.ts";

async function serving(t: TestContext, listen: Listen, routes: Routes) {
  const ending = new AbortController();
  const { promise: listens, resolve, reject } = Promise.withResolvers<void>();
  const served = serveHttp(listen, routes, { onListening: resolve }, ending.signal).catch(reject);
  const end = async () => {
    ending.abort(new Error("stop"));
    await served;
  };
  t.after(end);
  await listens;
  return end;
}

interface Asked {
  readonly status: number | undefined;
  readonly body: string;
}

function ask(port: number, method: string, path: string): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, body }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Requests the answers of an agent with this report at an address. */
async function looking(t: TestContext, report = reportOf()) {
  const port = await freePort();
  const listen = atAddress({ host: "127.0.0.1", port });
  await serving(t, listen, statusRoutes({ report: () => report, health: () => report }));
  return (path: string, method = "GET") => ask(port, method, path);
}

test("/healthz, /readyz and /status answer with the conditions and the report", async (t) => {
  const well = await looking(t);
  assert.deepEqual(await well("/healthz"), { status: 200, body: "healthy\n" });
  assert.deepEqual(await well("/readyz?verbose"), { status: 200, body: "ready\n" });
  const { body } = await well("/status");
  assert.deepEqual(JSON.parse(body), reportOf());
  assert.deepEqual(await well("/healthz", "HEAD"), { status: 200, body: "" });

  const starting = await looking(t, withTemplate({ state: "unknown" }));
  assert.equal((await starting("/healthz")).status, 200);
  const body2 = "/etc/haproxy/haproxy.cfg is not in sync yet\n";
  assert.deepEqual(await starting("/readyz"), { status: 503, body: body2 });

  const hanging = await looking(t, reportOf({ loops: [loop("checks", { dueMs: 90_000 })] }));
  const reason = "checks is stalled, and has missed its deadline\n";
  assert.deepEqual(await hanging("/healthz"), { status: 503, body: reason });

  assert.equal((await (await looking(t, outOfReach()))("/healthz")).status, 200);
});

test("an address can only be looked at", async (t) => {
  const well = await looking(t);
  assert.equal((await well("/status", "POST")).status, 405);
  assert.equal((await well("/drain", "POST")).status, 404);
  assert.equal((await well("/")).status, 404);
});

test("an address that is in use is a fault that can be tried again", async (t) => {
  const { target } = await tcpServer(t);
  const page = statusRoutes({ report: reportOf, health: reportOf });
  await assert.rejects(serving(t, atAddress(target), page), {
    code: "CONTROL_ADDRESS_UNAVAILABLE",
    retry: true,
  });
});

test("an idle connection does not delay the end of the server", async (t) => {
  const port = await freePort();
  const listen = atAddress({ host: "127.0.0.1", port });
  const end = await serving(t, listen, statusRoutes({ report: reportOf, health: reportOf }));
  const idle = connect({ host: "127.0.0.1", port });
  idle.on("error", () => {});
  await new Promise((resolve) => idle.once("connect", resolve));
  await end();
  await eventually("it is closed", () => idle.closed || idle.readyState === "closed");
});

type Drain = InstanceOperations["drain"];

const [up, down] = ["web/10.0.0.1:80", "web/10.0.0.1:81"];

/** The routes of an agent with two instances, of which the second one is draining. */
function drainRoutes(drain: Drain | undefined, asked: unknown[] = []): Routes {
  const instances = () => [
    { name: up, draining: false },
    { name: down, draining: true },
  ];
  const record = async (request: unknown) => {
    asked.push(request);
    return { instances: [] };
  };
  const operations = drain && {
    drain,
    undrain: record,
    weigh: record,
    untilDiscovered: async () => 0,
    untilServed: record,
  };
  return {
    ...statusRoutes({ report: reportOf, health: reportOf }),
    ...instanceRoutes({ operations, instances, pid: 4711 }),
  };
}

/** An agent that drains like this. */
async function draining(t: TestContext, drain: Drain | undefined) {
  const path = join(await throwAwayFolder(t), "agent.sock");
  const asked: unknown[] = [];
  const end = await serving(t, atSocket(path), drainRoutes(drain, asked));
  const post = (route: string, request: object) => postJson(path, route, request, t.signal);
  const ask = (names: readonly string[], forMs = 5000, signal = t.signal) =>
    postJson(path, "/drain", { names, forMs, wait: true }, signal);
  return { path, end, asked, post, ask };
}

test("instances are drained by name, or all of them; without either nothing is done", async (t) => {
  const drains: unknown[] = [];
  const missing = [{ name: up, watcher: "front.17" }];
  const { ask, post } = await draining(t, async (request) => {
    drains.push(request);
    return { drained: request.names, cancelled: [], missing };
  });
  assert.deepEqual(await ask([up], 0), { drained: [up], cancelled: [], missing });
  await post("/drain", { all: true, forMs: 5000 });
  await assert.rejects(ask([]), {
    code: "CONTROL_NONE_SELECTED",
    message: `nothing was done: name instances, or use --all for all of ${up}, ${down}`,
  });
  const both = post("/drain", { names: [up], all: true, forMs: 5000 });
  await assert.rejects(both, { code: "CONTROL_REQUEST_INVALID" });
  assert.deepEqual(drains, [
    { names: [up], forMs: 0, wait: true },
    { names: [up, down], forMs: 5000, wait: false },
  ]);
});

test("all that are drained are undrained; a weight is set of what is named", async (t) => {
  const { post, asked } = await draining(t, async () => {
    return { drained: [], cancelled: [], missing: [] };
  });
  await post("/undrain", { all: true });
  await post("/undrain", { names: [up] });
  await assert.rejects(post("/undrain", {}), { message: new RegExp(`all of ${down}$`) });
  await post("/weight", { names: [up], weight: 256 });
  await post("/weight", { names: [up] });
  assert.deepEqual(asked, [
    [down],
    [up],
    { names: [up], weight: 256 },
    { names: [up], weight: undefined },
  ]);
  for (const weight of [257, -1, 1.5, "1", null]) {
    const set = post("/weight", { names: [up], weight });
    await assert.rejects(set, { code: "CONTROL_REQUEST_INVALID" }, String(weight));
  }
});

test("what cannot be drained is the fault that the agent had", async (t) => {
  const { ask } = await draining(t, async () => ({ drained: [], cancelled: [], missing: [] }));
  await assert.rejects(ask(["web/x"]), {
    code: "CONTROL_UNKNOWN_INSTANCE",
    retry: false,
    message: `there is no instance web/x: this sidekick has ${up}, ${down}`,
  });
  for (const forMs of [Number.NaN, -1, 1e300]) {
    await assert.rejects(ask([up], forMs), { code: "CONTROL_REQUEST_INVALID" });
  }
  const alone = await draining(t, undefined);
  await assert.rejects(alone.ask([up]), { code: "CONTROL_NO_PRESENCE" });
});

test("a drain request ends with its client, and the client's wait with the agent", async (t) => {
  let [begun, ended] = [0, 0];
  const forEver: Drain = async (_request, signal) => {
    begun += 1;
    try {
      return await abortable(new Promise<never>(() => {}), signal);
    } finally {
      ended += 1;
    }
  };
  const { ask, end } = await draining(t, forEver);
  const leaving = new AbortController();
  const left = assert.rejects(ask([up], 1, leaving.signal), new Error("enough"));
  await eventually("it has begun", () => begun === 1);
  leaving.abort(new Error("enough"));
  await left;
  const abandoned = assert.rejects(ask([up]), { code: "CONTROL_CONNECTION_CLOSED" });
  await eventually("one has ended and one has begun", () => ended === 1 && begun === 2);
  await end();
  await abandoned;
  assert.equal(ended, 2);
});

test("a request that an agent of an older version does not have is answered with what to do", async (t) => {
  const { path } = await draining(t, undefined);
  const expected = {
    code: "CONTROL_NOT_SUPPORTED",
    message: /: it was started from an older version/,
  };
  await assert.rejects(getJson(path, "/later", t.signal), expected);
  await assert.rejects(postJson(path, "/later", {}, t.signal), expected);
  await assert.rejects(postJson(path, "/status", {}, t.signal), expected);
});

test("a bug in what is asked ends the server with it", async (t) => {
  const path = join(await throwAwayFolder(t), "agent.sock");
  const bug = new TypeError("it is a bug");
  const routes = drainRoutes(async () => {
    throw bug;
  });
  const { promise: listens, resolve } = Promise.withResolvers<void>();
  const served = assert.rejects(
    serveHttp(atSocket(path), routes, { onListening: resolve }, t.signal),
    bug,
  );
  await listens;
  await assert.rejects(postJson(path, "/drain", { names: [up], forMs: 1 }, t.signal), {
    code: "CONTROL_CONNECTION_CLOSED",
  });
  await served;
});

test("idle connections, renewed whenever they are closed, do not keep out a probe", async (t) => {
  const port = await freePort();
  await serving(t, atAddress({ host: "127.0.0.1", port }), statusRoutes(answersOf(reportOf())));
  let isEnding = false;
  const idle = () => {
    if (isEnding) return;
    const socket = connect({ host: "127.0.0.1", port });
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    socket.once("close", idle);
  };
  for (let i = 0; i < 80; i += 1) idle();
  t.after(() => {
    isEnding = true;
  });
  for (let i = 0; i < 50; i += 1) {
    assert.equal((await ask(port, "GET", "/healthz")).status, 200);
  }
});

test("requests that are being answered are not closed for others", async (t) => {
  const path = join(await throwAwayFolder(t), "s");
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  let waiting = 0;
  const slow: Routes["/"] = {
    methods: ["GET"],
    answer: async () => {
      waiting += 1;
      await end;
      return { status: 200, type: "application/json", body: '"done"' };
    },
  };
  await serving(t, atSocket(path), { "/slow": slow, "/fast": { ...slow, answer: () => fast } });
  const fast = { status: 200, type: "application/json", body: '"fast"' } as const;
  const { getJson } = await import("../../../lib/control/client.ts");
  const answers = Array.from({ length: 60 }, () => getJson(path, "/slow", t.signal));
  await eventually("all wait", () => waiting === 60);
  for (let i = 0; i < 100; i += 1) assert.equal(await getJson(path, "/fast", t.signal), "fast");
  finish();
  assert.deepEqual(new Set(await Promise.all(answers)), new Set(["done"]));
});

test("a request for the host of another is not answered", async (t) => {
  const port = await freePort();
  const ending = new AbortController();
  const { promise: listens, resolve } = Promise.withResolvers<void>();
  const isOwn = (host: string | undefined) => isOwnHost(host, ["web-1.example"]);
  const options = { onListening: resolve, isOwnHost: isOwn };
  const listen = atAddress({ host: "127.0.0.1", port });
  const served = serveHttp(
    listen,
    statusRoutes(answersOf(reportOf())),
    options,
    ending.signal,
  ).catch(() => {});
  t.after(() => {
    ending.abort(new Error("stop"));
    return served;
  });
  await listens;
  const of = async (host: string) =>
    (await fetchOnce(`http://127.0.0.1:${port}/status`, { headers: { host } })).status;
  assert.deepEqual(
    [await of("rebound.example"), await of("web-1.example:9102"), await of("127.0.0.1")],
    [421, 200, 200],
  );
});

test("what waits for a reader that is too slow is dropped once its stream has ended", async (t) => {
  const port = await freePort();
  const size = 64 * 1024 * 1024;
  const ended = Promise.withResolvers<void>();
  const type = "text/event-stream";
  const body = async (sink: Sink) => {
    sink.write("x".repeat(size));
    ended.resolve();
  };
  const routes = { "/events": { methods: ["GET"], answer: () => ({ status: 200, type, body }) } };
  await serving(t, atAddress({ host: "127.0.0.1", port }), routes as Routes);
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  let read = 0;
  socket.on("data", (part) => {
    read += part.length;
  });
  socket.on("error", () => {});
  socket.pause();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write("GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await ended.promise;
  socket.resume();
  await closed;
  assert.ok(read < size, `${read} bytes`);
});
