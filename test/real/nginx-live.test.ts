import assert from "node:assert/strict";
import { readdir, stat } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { events } from "../support/log-events.ts";
import { eventually } from "../support/process.ts";
import { nginxLiveScene } from "./nginx-live-scene.ts";

test("nginx is changed while it runs: no reload, no connection cut, and its file is the truth after a restart", async (t) => {
  const scene = await nginxLiveScene(t);
  const { put, remove, serves, fileHas, request, ask, loadOf, acknowledged, app } = scene;
  const nginx = await scene.nginx();
  let watcher = scene.watch();
  await eventually("it is in sync", () => /"event":"applied"/.test(watcher.output()));
  await serves(2);
  assert.equal((await stat(scene.control)).mode & 0o777, 0o600);
  const workers = await nginx.workers();
  const load = await loadOf();

  // Connections that stay open through all changes.
  const session = scene.http2();
  session.on("error", () => {});
  const overHttp2 = async () => {
    const stream = session.request({ ":path": "/" });
    let body = "";
    for await (const part of stream) body += part;
    return body;
  };
  const socket = connect(scene.plain, "127.0.0.1");
  let received = "";
  socket.setEncoding("utf8").on("data", (part) => {
    received += part;
  });
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  await eventually("the socket is upgraded", () => received.includes("101 Switching"));
  assert.equal(await overHttp2(), "2");

  await put(3);
  await serves(2, 3);
  await fileHas(2, 3);

  await put(2, { weight: 0 });
  await serves(3);
  await eventually("the drain is acknowledged", async () => {
    return (await acknowledged()).includes("web-2");
  });

  // Many changes, each of which is served before the next one.
  const versionOf = async () => Number(/^upstream (\d+) /m.exec(await ask("/upstreams"))?.[1]);
  for (let i = 0; i < 20; i += 1) {
    const before = await versionOf();
    await put(4, { weight: 1 + (i % 2) });
    await eventually("the change is served", async () => (await versionOf()) > before);
    assert.match(await overHttp2(), /^[34]$/);
  }
  await put(5);
  await serves(3, 4, 5);
  await fileHas(3, 4, 5);
  socket.write("still here");
  await eventually("the socket echoes", () => received.endsWith("still here"));
  assert.match(await overHttp2(), /^[345]$/);

  // A server that refuses connections is tried once, and no client notices.
  await put(6, { port: await scene.deadPort() });
  await eventually("it is tried", async () => {
    assert.equal((await request()).status, 200);
    return /^peer (\d+) \1 0 ejected 127\.0\.0\.6:/m.test(await ask("/counters"));
  });
  for (let i = 0; i < 8; i += 1) assert.equal((await request()).status, 200);
  assert.equal((await request("refuse")).status, 500, "an answer, which is not repeated");
  assert.match(await ask("/counters"), /^peer \d+ 0 1 - /m);
  await remove(6);

  // All draining: the answer is that of an empty service.
  for (const at of [3, 4, 5]) await put(at, { weight: 0 });
  await eventually("it answers 503", async () => (await request()).status === 503);
  await put(3);
  await serves(3);
  await fileHas(3);

  // Another program changes the peers, once sidekick has compared them all: seen, and put right.
  await eventually("nginx knows what its file has", async () => {
    return /^upstream \d+ (\S+) \1 web$/m.test(await ask("/upstreams"));
  });
  const poison = `${await ask("/peers?upstream=web")}127.0.0.9:${app} weight=9\n`;
  await ask(`/peers?upstream=web&load=${load}`, "PUT", poison);
  assert.equal((await request()).body, "9");
  await serves(3);
  await eventually("it is logged", () => /web\/127\.0\.0\.9:\d+ was added/.test(watcher.output()));
  await eventually("the repair is logged", () => {
    return /"applied":"adjusted \(1 upstream\)".*"cause":"drift"/.test(watcher.output());
  });
  const refused = async (query: string, body: string) => await ask(`/peers?${query}`, "PUT", body);
  assert.match(await refused("upstream=web&load=1-0", poison), /^load /, "another load");
  assert.match(await refused(`upstream=none&load=${load}`, poison), /^no upstream none/);
  assert.match(await refused(`upstream=web&load=${load}`, "127.0.0.9 weight=1\n"), /^not a list/);
  const crowd = "127.0.0.9:80 weight=1\n".repeat(60_000);
  assert.match(await refused(`upstream=web&load=${load}`, crowd), /^no memory/);
  await serves(3);

  assert.deepEqual(await nginx.workers(), workers, "the same workers");
  assert.equal(await loadOf(), load, "no reload");
  assert.equal(received.split("still here").length, 2);
  socket.destroy();

  // A reload by hand keeps what was put.
  nginx.process.child.kill("SIGHUP");
  await eventually("it is reloaded", async () => (await loadOf()) !== load);
  await serves(3);
  session.close();

  // Without sidekick, nginx serves on; the next one knows what it has loaded.
  await eventually("it is looked at", async () => {
    // Old workers may answer for a moment.
    const answer = await ask("/");
    return !answer.includes(`load ${load}\n`) && answer.includes("verified ");
  });
  const reloaded = await loadOf();
  await watcher.stop("SIGKILL");
  await put(7);
  await serves(3);
  watcher = scene.watch();
  await serves(3, 7);
  assert.equal(await loadOf(), reloaded, "without a reload");

  // Killed and started, it serves what its file has.
  await fileHas(3, 7);
  await watcher.stop("SIGKILL");
  await put(8);
  const all = [nginx.process.pid, ...(await nginx.workers())];
  for (const pid of all) process.kill(pid, "SIGKILL");
  await nginx.process.ended;
  assert.ok((await readdir(`${scene.folder}/out`)).includes("control.sock"), "its socket is left");
  await scene.nginx();
  await serves(3, 7);
  scene.watch();
  await serves(3, 7, 8);
});

test("without the Lua module the shipped template reloads, which is explained once", async (t) => {
  const scene = await nginxLiveScene(t, { NGINX_LUA: "/none" });
  await scene.nginx();
  const watcher = scene.watch();
  const applied = () =>
    events(watcher).flatMap(({ event, applied }) => {
      return event === "applied" ? [String(applied)] : [];
    });
  await eventually("it is in sync", () => applied().length === 1);
  await scene.put(3);
  await eventually("it is reloaded", () => applied().length === 2);
  assert.match(
    applied()[0] ?? "",
    /^reloaded \(its text has no control server .*libnginx-mod-http-lua/,
  );
  assert.equal(applied()[1], "reloaded");
  await scene.serves(2, 3);
  assert.equal((await fetchOnce(scene.url)).status, 200);
});
