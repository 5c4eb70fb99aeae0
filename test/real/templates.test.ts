import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";

import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { systemClock } from "../../lib/base/clock.ts";
import { formatAddress } from "../../lib/model/endpoint.ts";
import type { Endpoint, Pool } from "../../lib/model/pool.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { compile } from "../../lib/render/engine/engine.ts";
import { kinds as formats } from "../../lib/render/escape/kinds.ts";
import { helpers } from "../../lib/render/helpers/all.ts";
import { TemplateKeys } from "../../lib/render/keys.ts";
import { loadSources } from "../../lib/render/load.ts";
import { Prefixes } from "../../lib/render/prefixes.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { apply } from "./apply-proxy.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";

const folder = new URL("../../templates/", import.meta.url).pathname;

type Env = Readonly<Record<string, string>>;

/** Renders a shipped template for these services and this environment. */
async function render(name: string, services: readonly Pool[], env: Env): Promise<string> {
  const { sources } = await loadSources([join(folder, name)], join(folder, "partials"));
  const format = name.startsWith("haproxy") ? "haproxy" : "nginx";
  const template = compile(sources, { name: format, escape: formats[format] }, helpers);
  return template.render({
    keys: new TemplateKeys(new Prefixes(["/services"])),
    services,
    env: (variable) => env[variable],
    now: new Date(0),
    lookups: { ip: () => [], srv: () => [] },
  });
}

type Member = Pick<Endpoint, "port"> & Partial<Endpoint>;

function pool(name: string, members: readonly Member[]): Pool {
  const instances = members.map((member) => {
    const host = member.host ?? "127.0.0.1";
    const address = formatAddress({ host, port: member.port });
    const server = `h${address.replaceAll(/[^0-9.]/g, "-")}`;
    const rest = { name: "web-1", weight: 1, labels: {}, ...member };
    const key = `/services/${name}/${address}`;
    return { ...rest, service: name, id: address, key, host, address, server };
  });
  return { name, instances };
}

/** The order of services for a template. */
const byName = (a: Pool, b: Pool) => (a.name < b.name ? -1 : 1);

const ports = (count: number) => Array.from({ length: count }, (_, i) => ({ port: 20_000 + i }));

/** Services to render, by a phrase for the failure message. */
const worlds: Readonly<Record<string, readonly Pool[]>> = {
  "no service": [],
  "one service": [pool("web", ports(3))],
  "a service without instances": [pool("api", []), pool("web", ports(2))],
  "one service, and it has no instances": [pool("web", [])],
  "only a draining instance": [pool("web", [{ port: 1000, weight: 0 }])],
  "a backup": [
    pool("web", [{ port: 1000 }, { port: 1001, labels: { backup: "true" } }]),
    pool("drained", [
      { port: 1000, weight: 0 },
      { port: 1001, labels: { backup: "true" } },
    ]),
  ],
  "backups alone": [
    pool("db", [{ port: 5432, labels: { backup: "true", listen: "127.0.0.1:15432" } }]),
    pool("web", [
      { port: 1000, labels: { backup: "true" } },
      { port: 1001, weight: 0, labels: { backup: "true" } },
    ]),
  ],
  "all weights, and IPv6": [
    pool("web", [
      { port: 1000, weight: 0 },
      { port: 1001, weight: 256 },
      { port: 1002, host: "::1" },
    ]),
  ],
  "odd names": [
    "1",
    "-",
    "_x",
    "a..b",
    "a.b",
    "a:b",
    "global",
    "services",
    "web.v1",
    "...",
    "we.",
  ].map((name) => pool(name, ports(1))),
  "300 services of 3": Array.from({ length: 300 }, (_, i) => pool(`service-${i}`, ports(3))),
  "1000 instances": [pool("web", ports(1000))],
  "services that listen": [
    pool("db", [{ port: 5432, labels: { listen: "127.0.0.1:15432" } }]),
    pool("web", ports(1)),
  ],
};

const checks: Readonly<Record<string, readonly string[]>> = {
  "haproxy.cfg.hbs": ["haproxy", "-c", "-f"],
  "nginx.conf.hbs": ["nginx", "-t", "-c"],
  "nginx-live.conf.hbs": ["nginx", "-t", "-c"],
  "nginx-stream.conf.hbs": ["nginx", "-t", "-c"],
};

for (const [template, [program = "", ...args]] of Object.entries(checks)) {
  test(`${program} accepts the output of ${template} without a warning`, async (t) => {
    const place = await throwAwayFolder(t);
    const env = await environment(place);
    for (const [world, services] of Object.entries(worlds)) {
      const file = join(place, "rendered");
      await writeFile(file, await render(template, services, env));
      const output = await promisify(execFile)(program, [...args, file]).catch(String);
      assert.equal(typeof output, "object", `${world}: ${output}`);
      assert.doesNotMatch(JSON.stringify(output), /warn/i, world);
    }
  });
}

test("a draining instance stays in the file and receives no new requests", async () => {
  const services = [
    pool("web", [
      { port: 1000, weight: 0 },
      { port: 1001, weight: 7 },
    ]),
  ];
  const haproxy = await render("haproxy.cfg.hbs", services, {});
  assert.match(haproxy, /server h127\.0\.0\.1-1000 127\.0\.0\.1:1000 weight 0 check/);
  assert.match(haproxy, /server h127\.0\.0\.1-1001 127\.0\.0\.1:1001 weight 7 check/);
  const nginx = await render("nginx.conf.hbs", services, {});
  assert.match(nginx, /server 127\.0\.0\.1:1000 down;/);
  assert.match(nginx, /server 127\.0\.0\.1:1001 weight=7 /);
});

test("a backup is a backup server, unless there is no other instance", async () => {
  const labels = { backup: "true" };
  const services = [
    pool("web", [{ port: 1000, labels }, { port: 1001 }]),
    pool("alone", [{ port: 1002, labels }]),
  ];
  const backups = (text: string, pattern: RegExp) =>
    Array.from(text.matchAll(pattern), ([, port]) => port);
  const haproxy = await render("haproxy.cfg.hbs", services, {});
  assert.deepEqual(backups(haproxy, /^ *server .*:(\d+) .* backup$/gm), ["1000"]);
  const nginx = await render("nginx.conf.hbs", services, {});
  assert.deepEqual(backups(nginx, /^ *server .*:(\d+) .* backup;$/gm), ["1000"]);
});

async function environment(place: string): Promise<Env> {
  return {
    PROXY_LISTEN: `127.0.0.1:${await freePort()}`,
    HAPROXY_SOCKET: join(place, "admin.sock"),
    NGINX_PID: join(place, "nginx.pid"),
    NGINX_ERROR_LOG: join(place, "error.log"),
    NGINX_CONTROL: `unix:${join(place, "control.sock")}`,
  };
}

/** A server that answers with its name and the requested path. */
async function serverOf(t: TestContext, name: string): Promise<Member> {
  const server = createServer((request, response) => response.end(`${name} ${request.url}`));
  return { port: await listen(t, server) };
}

/** A proxy that serves a shipped template. */
interface Proxied {
  readonly url: string;
  /** Writes the file for other services and reloads the proxy. */
  load(services: readonly Pool[]): Promise<void>;
}

const proxies: Readonly<Record<string, (t: TestContext) => Promise<Proxied>>> = {
  haproxy: (t) =>
    proxied(t, "haproxy.cfg.hbs", async (config) => {
      const { master } = await startHaproxy(t, { config });
      return { type: "haproxy", master };
    }),
  nginx: (t) =>
    proxied(t, "nginx.conf.hbs", async (config, { NGINX_PID: pidFile = "" }) => {
      await startNginx(t, { config, pidFile });
      return { type: "nginx", pidFile };
    }),
  "nginx, live": (t) =>
    proxied(t, "nginx-live.conf.hbs", async (config, { NGINX_PID: pidFile = "", ...env }) => {
      await startNginx(t, { config, pidFile });
      return { type: "nginx", pidFile, control: env.NGINX_CONTROL };
    }),
};

async function proxied(
  t: TestContext,
  template: string,
  start: (config: string, env: Env) => Promise<object>,
): Promise<Proxied> {
  const place = await throwAwayFolder(t);
  const [env, config] = [await environment(place), join(place, "proxy.conf")];
  await writeFile(config, await render(template, [], env));
  const proxy = createProxy(proxySchema.parse(await start(config, env)), { clock: systemClock });
  return {
    url: `http://${env.PROXY_LISTEN}`,
    async load(services) {
      await writeFile(config, await render(template, services, env));
      await apply(proxy);
    },
  };
}

for (const [name, start] of Object.entries(proxies)) {
  test(`${name} selects the service by host, else by path, and answers 503 otherwise`, async (t) => {
    const { url, load } = await start(t);
    const answer = async (path: string, host = "proxy.example") => {
      const { status, body } = await fetchOnce(`${url}${path}`, { headers: { host } });
      return status === 200 ? body : status;
    };
    assert.equal(await answer("/"), 503);

    const [web, api] = [await serverOf(t, "web"), await serverOf(t, "api")];
    await load([pool("api", [api]), pool("web", [web])]);
    assert.equal(await answer("/page?q=1", "web"), "web /page?q=1");
    assert.equal(await answer("/page", "web.example.com:8080"), "web /page");
    assert.equal(await answer("/api/page", "WEB.example.com"), "web /api/page");
    assert.equal(await answer("/api/page?q=1"), "api /page?q=1");
    assert.equal(await answer("/web/"), "web /");
    assert.equal(await answer("/web/web/"), "web /web/");
    assert.equal(await answer("/website/"), 503);
    assert.equal(await answer("/", "website.example.com"), 503);

    await load([pool("web", [web])]);
    assert.equal(await answer("/page"), "web /page");
    assert.equal(await answer("/web/page"), "web /page");

    for (const members of [[], [{ ...web, weight: 0 }]]) {
      await load([pool("web", members)]);
      assert.equal(await answer("/page"), 503);
      assert.equal(await answer("/page", "web"), 503);
      assert.equal(await answer("/web/page"), 503);
    }
  });

  test(`${name} matches names exactly and as whole labels, the longest first`, async (t) => {
    const { url, load } = await start(t);
    const answer = async (path: string, host: string) => {
      const { status, body } = await fetchOnce(`${url}${path}`, { headers: { host } });
      return status === 200 ? body : status;
    };
    const odd = ["...", "we.", "api.v1", "a-b", "x"];
    const members = new Map<string, readonly Member[]>();
    for (const service of [...odd, "Web"]) members.set(service, [await serverOf(t, service)]);
    const pools = [...members].map(([service, of]) => pool(service, of));
    await load(pools.sort(byName));
    for (const host of ["web", "web.example.com", "abc.example.com", "we", "apixv1.example.com"]) {
      assert.equal(await answer("/", host), 503, host);
    }
    assert.equal(await answer("/", "api.v1.example.com"), "api.v1 /");
    assert.equal(await answer("/", "API.v1"), "api.v1 /");
    assert.equal(await answer("/", "api.v1.:8080"), "api.v1 /");
    for (const host of ["api.v1x", "api", "a-b-c", "a", "y.x"]) {
      assert.equal(await answer("/", host), 503, host);
    }
    for (const service of [...odd, "Web"]) {
      assert.equal(await answer(`/${service}/page`, "proxy.example"), `${service} /page`);
    }
    assert.equal(await answer("/web/page", "proxy.example"), 503);

    await load([...pools, pool("api", [await serverOf(t, "api")])].sort(byName));
    assert.equal(await answer("/", "api.v1.example.com"), "api.v1 /");
    assert.equal(await answer("/", "api.example.com"), "api /");
    assert.equal(await answer("/", "api.v2.example.com"), "api /");
  });

  test(`no request through ${name} fails while instances are added and removed`, async (t) => {
    const { url, load } = await start(t);
    const [one, two] = [await serverOf(t, "one"), await serverOf(t, "two")];
    const gone = { port: await freePort() };
    await load([pool("web", [one])]);
    const requests = keepRequesting(`${url}/`);
    for (const members of [[one, two], [two], [two, gone], [one, gone], [one]]) {
      await load([pool("web", members)]);
      await delay(20);
    }
    assert.deepEqual(await requests.stop(), []);
    assert.ok(requests.answered() > 50);
  });
}

for (const [name, start] of Object.entries(proxies)) {
  test(`${name} retries on another server if a connection is closed, but does not repeat a POST`, async (t) => {
    const { url, load } = await start(t);
    let received = 0;
    const broken = createServer((request) => {
      received += 1;
      request.socket.destroy();
    });
    const port = await listen(t, broken);
    await load([pool("web", [{ port, weight: 256 }, await serverOf(t, "good")])]);
    const { status } = await fetch(url, { method: "POST", body: "pay" });
    assert.deepEqual({ status, received }, { status: 502, received: 1 });
    await load([pool("web", [{ port, weight: 256 }, await serverOf(t, "good")])]);
    // A proxy that was not reloaded avoids the server for a while after its failure.
    await eventually("the broken server is tried again", async () => {
      assert.equal(await (await fetch(url)).text(), "good /");
      return received > 1;
    });
  });
}

test("nginx, live balances by weight, or by open requests; backups wait", async (t) => {
  const place = await throwAwayFolder(t);
  const [env, config] = [await environment(place), join(place, "proxy.conf")];
  const hanging = createServer((request, response) => {
    if (request.url !== "/hang") response.end("hanging /");
  });
  const slow = { port: await listen(t, hanging) };
  const [one, two] = [await serverOf(t, "one"), await serverOf(t, "two")];
  const [dead, backup] = [{ port: await freePort() }, { ...one, labels: { backup: "true" } }];
  const services = [
    pool("least", [slow, two]),
    pool("turns", [{ ...one, weight: 3 }, two, { ...dead, weight: 0 }]),
    pool("waits", [dead, backup]),
  ];
  // Each worker has its own turns.
  const text = (await render("nginx-live.conf.hbs", services, env))
    .replace("worker_processes auto", "worker_processes 1")
    .replace('sidekick.balance("least")', 'sidekick.balance("least", true)');
  await writeFile(config, text);
  await startNginx(t, { config, pidFile: env.NGINX_PID ?? "" });
  const answers = async (host: string, count: number) => {
    const found: string[] = [];
    for (let i = 0; i < count; i += 1) {
      found.push((await fetchOnce(`http://${env.PROXY_LISTEN}/`, { headers: { host } })).body);
    }
    return found.map((body) => body.split(" ")[0]).join(" ");
  };
  assert.equal(await answers("turns", 8), "one one two one one one two one");
  assert.equal(await answers("waits", 4), "one one one one");
  assert.match(await answers("least", 4), /hanging two|two hanging/);
  const abandoned = new AbortController();
  const hangs = Promise.withResolvers<void>();
  hanging.on("request", ({ url }) => url === "/hang" && hangs.resolve());
  const asked: Promise<unknown>[] = [];
  for (let i = 0; i < 2; i += 1) {
    const { signal } = abandoned;
    const options = { headers: { host: "least" }, signal };
    asked.push(fetchOnce(`http://${env.PROXY_LISTEN}/hang`, options).catch(() => {}));
  }
  await hangs.promise;
  assert.equal(await answers("least", 5), "two two two two two");
  abandoned.abort();
  await Promise.all(asked);
  await eventually("the server that hung gets requests", async () => {
    return (await answers("least", 4)).includes("hanging");
  });
});

test("no request on a kept connection fails when haproxy is reloaded", async (t) => {
  const { url, load } = await (proxies.haproxy as NonNullable<typeof proxies.haproxy>)(t);
  const services = [pool("web", [await serverOf(t, "web")])];
  await load(services);
  let stopped = false;
  const client = async () => {
    let answered = 0;
    for (; !stopped; answered += 1) assert.equal(await (await fetch(url)).text(), "web /");
    return answered;
  };
  const clients = [client(), client()];
  for (let i = 0; i < 5; i += 1) await load(services);
  stopped = true;
  for (const answered of await Promise.all(clients)) assert.ok(answered > 20);
});

test("a TCP service listens at the address of its label", async (t) => {
  const place = await throwAwayFolder(t);
  const [env, config] = [await environment(place), join(place, "proxy.conf")];
  const listen = await freePort();
  const member = { ...(await serverOf(t, "db")), labels: { listen: `127.0.0.1:${listen}` } };
  await writeFile(config, await render("nginx-stream.conf.hbs", [pool("db", [member])], env));
  await startNginx(t, { config, pidFile: env.NGINX_PID ?? "" });
  const { body } = await fetchOnce(`http://127.0.0.1:${listen}/x`);
  assert.equal(body, "db /x");
});

test("the comment at the top of a template documents each of its settings", async () => {
  for (const template of Object.keys(checks)) {
    const text = await readFile(join(folder, template), "utf8");
    const [comment = "", body = ""] = text.split("--}}");
    for (const [, variable = ""] of body.matchAll(/getenv "(\w+)"/g)) {
      assert.ok(comment.includes(variable), `${template}: ${variable}`);
    }
  }
});
