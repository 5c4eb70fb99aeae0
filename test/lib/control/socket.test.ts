import assert from "node:assert/strict";
import { chmod, lstat, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { getJson, postJson } from "../../../lib/control/client.ts";
import { isListening } from "../../../lib/control/is-listening.ts";
import { serveHttp } from "../../../lib/control/server.ts";
import { atSocket } from "../../../lib/control/socket.ts";
import type { StatusReport } from "../../../lib/status/contract.ts";
import { discoverSockets } from "../../../lib/status/paths.ts";
import { statusRoutes } from "../../../lib/status/routes.ts";
import { eventually, start, throwAwayFolder } from "../../support/process.ts";
import { reportOf } from "../status/facts.ts";

const routes = statusRoutes({ report: reportOf, health: reportOf });

async function fetchReport(path: string, signal: AbortSignal): Promise<StatusReport> {
  return await getJson<StatusReport>(path, "/status", signal);
}

/** Serves at a socket until the test is over, or `end` is called; rejects where it cannot. */
async function serving(t: TestContext, path: string, owner?: number) {
  const ending = new AbortController();
  const { promise: listens, resolve, reject } = Promise.withResolvers<void>();
  const served = serveHttp(
    atSocket(path, owner),
    routes,
    { onListening: resolve },
    ending.signal,
  ).catch(reject);
  const end = async () => {
    ending.abort(new Error("stop"));
    await served;
  };
  t.after(end);
  await listens;
  return { end };
}

const fault = (code: string) => (error: unknown) =>
  error instanceof Error && "code" in error && error.code === code;

test("a socket is its owner's alone, is all there at once, and goes with its agent", async (t) => {
  const path = join(await throwAwayFolder(t), "run", "agent.sock");
  const { end } = await serving(t, path);
  const [socket, folder] = [await lstat(path), await lstat(dirname(path))];
  assert.ok(socket.isSocket());
  assert.equal((socket.mode & 0o777).toString(8), "600");
  assert.equal((folder.mode & 0o777).toString(8), "700");
  assert.equal((await fetchReport(path, t.signal)).version, "1.2.3");
  assert.deepEqual(await readdir(dirname(path)), ["agent.sock"]);
  await end();
  assert.deepEqual(await readdir(dirname(path)), []);
  await assert.rejects(fetchReport(path, t.signal), fault("CONTROL_NO_AGENT"));
});

test("the socket of a process that was killed is replaced", async (t) => {
  const path = join(await throwAwayFolder(t), "agent.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)})`;
  const killed = start(t, [process.execPath, "-e", script]);
  await eventually("it listens", () => isListening(path, t.signal));
  await killed.stop("SIGKILL");
  assert.ok((await lstat(path)).isSocket());
  assert.equal(await isListening(path, t.signal), false);
  await assert.rejects(fetchReport(path, t.signal), fault("CONTROL_NO_AGENT"));
  await serving(t, path);
  assert.equal((await fetchReport(path, t.signal)).version, "1.2.3");
});

test("a socket on which a process listens is not replaced, and a successor's is not removed", async (t) => {
  const path = join(await throwAwayFolder(t), "agent.sock");
  const { end } = await serving(t, path);
  await assert.rejects(serving(t, path), fault("CONTROL_SOCKET_IN_USE"));
  assert.equal((await fetchReport(path, t.signal)).version, "1.2.3");

  // Another process replaces it by force.
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(`${path}.other`, resolve));
  t.after(() => other.close());
  await rename(`${path}.other`, path);
  await end();
  assert.ok(await isListening(path, t.signal));
});

test("a file that is no socket is not replaced, and a path that is too long is a fault", async (t) => {
  const folder = await throwAwayFolder(t);
  const path = join(folder, "agent.sock");
  await writeFile(path, "mine");
  await assert.rejects(serving(t, path), fault("CONTROL_SOCKET_UNAVAILABLE"));
  const long = join(folder, "x".repeat(120));
  await assert.rejects(serving(t, long), /longer than 103 bytes/);
  await assert.rejects(serving(t, join(path, "agent.sock")), fault("CONTROL_SOCKET_UNAVAILABLE"));
});

test("a folder that a stranger may write in is not used where it has to be ours", async (t) => {
  const folder = join(await throwAwayFolder(t), "run");
  const uid = process.getuid?.();
  if (uid === undefined) return t.skip("this system has no user ids");
  await mkdir(folder);
  await chmod(folder, 0o777);
  const path = join(folder, "agent.sock");
  await assert.rejects(serving(t, path, uid), /must belong to user/);
  await chmod(folder, 0o755);
  await assert.rejects(serving(t, path, uid + 1), /must belong to user/);
  await serving(t, path, uid);
});

test("sockets are found, one folder deeper as well", async (t) => {
  const folder = await throwAwayFolder(t);
  const paths = [join(folder, "a.sock"), join(folder, "unit", "b.sock")];
  for (const path of paths) await serving(t, path);
  await writeFile(join(folder, "c.sock"), "no socket");
  const place = { env: { RUNTIME_DIRECTORY: folder }, uid: process.getuid?.(), temporary: "/tmp" };
  const found = await discoverSockets(place);
  assert.deepEqual(
    found.filter((path) => path.startsWith(folder)),
    paths,
  );
});

test("an agent that ends before it has answered differs from one that does not run", async (t) => {
  const path = join(await throwAwayFolder(t), "agent.sock");
  const rude = createServer((socket) =>
    socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"),
  );
  await new Promise<void>((resolve) => rude.listen(path, resolve));
  t.after(() => rude.close());
  await assert.rejects(fetchReport(path, t.signal), fault("CONTROL_CONNECTION_CLOSED"));
  await assert.rejects(postJson(path, "/drain", {}, t.signal), fault("CONTROL_CONNECTION_CLOSED"));
});
