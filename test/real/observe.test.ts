import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kill } from "node:process";
import { type TestContext, test } from "node:test";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import type { Observed, Proxy } from "../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { apply } from "./apply-proxy.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";

/** Waits until the proxy is observed in this state, and resolves with the reason. */
async function observed(proxy: Proxy, text: string, state: Observed["state"]): Promise<string> {
  const last = await eventually(`it is ${state}`, async () => {
    const now = await proxy.observe?.([text], never);
    return now?.state === state && now;
  });
  return "why" in last ? last.why : "";
}

/** Whether it is proved that the proxy sends no requests. */
async function hasEnded(proxy: Proxy): Promise<boolean> {
  const now = await proxy.observe?.([], never);
  return now?.state === "down" && now.hasEnded === true;
}

/** The system's clock, which a test can put forward: servers as desired are not compared again for up to a minute. */
class ForwardClock implements Clock {
  #aheadMs = 0;
  readonly sleep = systemClock.sleep;

  now(): number {
    return systemClock.now() + this.#aheadMs;
  }

  passMinute(): void {
    this.#aheadMs += 60_000;
  }
}

async function haproxyScene(t: TestContext, way: "master" | "socket") {
  const folder = await throwAwayFolder(t);
  const [config, socket] = [join(folder, "haproxy.cfg"), join(folder, "admin.sock")];
  const [port, server] = [await freePort(), await freePort()];
  const text = `global
  stats socket ${socket} mode 660 level admin expose-fd listeners
  hard-stop-after 5s
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend test
  bind 127.0.0.1:${port}
  default_backend web
backend web
  server a 127.0.0.1:${server} weight 7
  server b 127.0.0.2:${server} weight 7
`;
  await writeFile(config, text);
  const haproxy = await startHaproxy(t, { config });
  const { master, pidFile } = haproxy;
  const given = way === "master" ? { master } : { pidFile, socket };
  const settings = proxySchema.parse({ type: "haproxy", timeout: "10s", ...given });
  const clock = new ForwardClock();
  const proxy = createProxy(settings, { clock });
  await apply(proxy, text);
  return {
    haproxy,
    proxy,
    clock,
    text,
    socket,
    master,
    send: (line: string) => haproxy.send(socket, line),
  };
}

test("haproxy is observed: servers set by hand, a reload, a stopped worker, and its end", async (t) => {
  const { haproxy, proxy, clock, text, send } = await haproxyScene(t, "master");
  await observed(proxy, text, "serving");
  clock.passMinute();
  await send("set server web/a weight 3");
  await send("set server web/b state maint");
  assert.equal(
    await observed(proxy, text, "changed"),
    "web/a has weight 3 instead of 7, web/b was put into maintenance",
  );
  await send("set server web/a weight 7");
  await send("set server web/b state drain");
  assert.equal(await observed(proxy, text, "changed"), "web/b was set to drain");
  await send("set server web/b state ready");
  await observed(proxy, text, "serving");
  clock.passMinute();

  await haproxy.send(haproxy.master, "reload");
  await observed(proxy, text, "replaced");
  await proxy.adopt?.(never);
  await observed(proxy, text, "serving");

  const worker = await haproxy.worker();
  kill(worker, "SIGSTOP");
  t.after(() => kill(worker, "SIGCONT"), { timeout: 1000 });
  assert.match(await observed(proxy, text, "down"), /does not serve/);
  assert.equal(await hasEnded(proxy), false);
  kill(worker, "SIGCONT");
  await observed(proxy, text, "serving");

  await haproxy.process.stop("SIGKILL");
  assert.match(await observed(proxy, text, "down"), /is not running: .*ECONNREFUSED/);
  assert.equal(await hasEnded(proxy), true);
});

test("a haproxy with a missing socket is unreachable, and only that", async (t) => {
  const { proxy, text, master } = await haproxyScene(t, "master");
  await rm(master);
  assert.match(
    await observed(proxy, text, "down"),
    /is unreachable: its socket .*master.sock does not exist/,
  );
  assert.equal(await hasEnded(proxy), false);
});

test("haproxy is observed by its stats socket, and by its pid file", async (t) => {
  const { haproxy, proxy, text, socket, send } = await haproxyScene(t, "socket");
  await send("set server web/a weight 3");
  assert.match(await observed(proxy, text, "changed"), /^web\/a has weight 3/);
  await rm(socket);
  assert.match(await observed(proxy, text, "down"), /is unreachable: its socket/);
  await haproxy.process.stop("SIGKILL");
  assert.match(
    await observed(proxy, text, "down"),
    /is not running \(process \d+ of .* has ended\)/,
  );
});

async function nginxScene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [config, pidFile] = [join(folder, "nginx.conf"), join(folder, "nginx.pid")];
  const [port, marker] = [await freePort(), join(folder, "marker.sock")];
  const write = (generation: string, text = "ok") =>
    writeFile(
      config,
      `pid ${pidFile};
error_log ${join(folder, "error.log")};
worker_processes 2;
events {}
http {
  access_log off;
  server { listen 127.0.0.1:${port}; location / { return 200 ${text}; } }
  server { listen unix:${marker}; location / { return 200 sidekick-${generation}; } }
}
`,
    );
  await write("0123456789abcdef");
  const nginx = await startNginx(t, { config, pidFile });
  const proxyWith = (more: object) =>
    createProxy(proxySchema.parse({ type: "nginx", pidFile, ...more }), { clock: systemClock });
  return { nginx, proxyWith, marker, write };
}

test("nginx is observed by its workers: a reload, a crash, stopped workers, and its end", async (t) => {
  const { nginx, proxyWith } = await nginxScene(t);
  const proxy = proxyWith({});
  await apply(proxy);
  await observed(proxy, "", "serving");

  const [one = 0] = await nginx.workers();
  kill(one, "SIGKILL");
  await eventually("the worker is replaced", async () => {
    const workers = await nginx.workers();
    return workers.length === 2 && !workers.includes(one);
  });
  await observed(proxy, "", "serving");

  kill(nginx.process.pid, "SIGHUP");
  await observed(proxy, "", "replaced");
  await proxy.adopt?.(never);
  await observed(proxy, "", "serving");

  const workers = await nginx.workers();
  for (const worker of workers) kill(worker, "SIGSTOP");
  assert.match(await observed(proxy, "", "down"), /its workers are stopped/);
  for (const worker of workers) kill(worker, "SIGCONT");
  await observed(proxy, "", "serving");

  await nginx.process.stop("SIGTERM");
  assert.match(
    await observed(proxy, "", "down"),
    /cannot be reached, and may not be running .*nginx.pid/,
  );
});

test("nginx is observed by its marker: another file, and no answer", async (t) => {
  const { nginx, proxyWith, marker, write } = await nginxScene(t);
  const text = "# sidekick-0123456789abcdef";
  const proxy = proxyWith({ marker: `unix:${marker}` });
  await apply(proxy, text);
  await observed(proxy, text, "serving");
  await write("fedcba9876543210");
  kill(nginx.process.pid, "SIGHUP");
  assert.match(
    await observed(proxy, text, "changed"),
    /runs with another file: .* answers sidekick-fedcba9876543210$/,
  );
  // In another container: its processes are not visible.
  const elsewhere = proxyWith({
    marker: `unix:${marker}`,
    pidFile: "/nonexistent",
    reload: ["true"],
  });
  assert.match(await observed(elsewhere, text, "changed"), /another file/);
  await nginx.process.stop("SIGTERM");
  assert.match(await observed(elsewhere, text, "down"), /its marker .* does not answer/);
});
