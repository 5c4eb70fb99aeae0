import assert from "node:assert/strict";
import { test } from "node:test";
import { never } from "../../../lib/base/signal.ts";
import { connected } from "../../../lib/health/connection.ts";
import { eventually } from "../../support/process.ts";
import { openSockets, tcpServer } from "./servers.ts";

test("a handshake without an answer ends with the signal and leaves no socket", async (t) => {
  const server = await tcpServer(t);
  const ending = new AbortController();
  const opening = connected(server.target, {}, ending.signal, async () => assert.fail("opened"));
  const refused = assert.rejects(opening, new Error("stop"));
  await eventually("the server is connected to", () => server.open.size === 1);
  ending.abort(new Error("stop"));
  await refused;
  await eventually("the connection is closed", () => server.open.size === 0 && openSockets() === 0);
});

test("an aborted signal opens no connection", async (t) => {
  const server = await tcpServer(t);
  const opening = connected(server.target, undefined, AbortSignal.abort("no"), async () => {});
  await assert.rejects(opening, (reason) => reason === "no");
  assert.equal(openSockets(), 0);
});

test("a peer that closes the connection during the handshake is an error with a code", async (t) => {
  const server = await tcpServer(t, (socket) => socket.end());
  const opening = connected(server.target, {}, never, async () => {});
  await assert.rejects(opening, { code: "ECONNRESET" });
});

test("the connection is closed when its use fails", async (t) => {
  const server = await tcpServer(t);
  const using = connected(server.target, undefined, never, () => Promise.reject(new Error("no")));
  await assert.rejects(using, new Error("no"));
  await eventually("the connection is closed", () => server.open.size === 0 && openSockets() === 0);
});
