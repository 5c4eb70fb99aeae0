import assert from "node:assert/strict";
import { rename, rm, writeFile } from "node:fs/promises";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import type { Applied } from "../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { withCode } from "../support/faults.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { type Haproxy, startHaproxy } from "./haproxy.ts";

/** One address of 127.0.0.0/8 that the one application of these tests answers at, by its last number. */
interface Member {
  readonly at: number;
  readonly weight?: number;
  readonly options?: string;
}

interface Scene {
  readonly haproxy: Haproxy;
  readonly url: string;
  readonly socket: string;
  readonly config: string;
  /** Writes the file for other servers; returns its text. `extra` is added to the pool. */
  write(members: readonly Member[], extra?: string): Promise<string>;
  /** Writes the file and has it served, as a turn does. */
  show(members: readonly Member[], extra?: string): Promise<Applied>;
  /** The answer of the stats socket. */
  tell(command: string): Promise<string>;
  /** The addresses that answer a row of requests, by their last number. */
  answering(): Promise<readonly number[]>;
}

/** An application that answers at every address of the machine with the one that it was asked at. */
async function application(t: TestContext): Promise<number> {
  const server = createServer((request, response) => {
    const [, , , at = ""] = (request.socket.localAddress ?? "").split(".");
    setTimeout(() => response.end(at), Number(request.headers["x-takes"] ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** How the proxy is told, by the words of a test. */
const ways: Readonly<Record<string, (haproxy: Haproxy, socket: string) => object>> = {
  "through the master's socket": ({ master }) => ({ master }),
  "at the stats socket": ({ pidFile }, socket) => ({ pidFile, socket }),
};

async function scene(t: TestContext, way = "through the master's socket"): Promise<Scene> {
  const folder = await throwAwayFolder(t);
  const [config, socket] = [join(folder, "haproxy.cfg"), join(folder, "admin.sock")];
  const [port, app] = [await freePort(), await application(t)];
  const write = async (members: readonly Member[], extra = "") => {
    const text = `global
  stats socket ${socket} mode 660 level admin expose-fd listeners
  hard-stop-after 5s
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  option idle-close-on-response
  option redispatch 1
  retry-on conn-failure empty-response
  default-server inter 200ms init-addr last,libc,none
frontend test
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance roundrobin
  ${extra}
${members
  .map(({ at, weight = 1, options = "check" }) => {
    return `  server s${at} 127.0.0.${at}:${app} weight ${weight} ${options}\n`;
  })
  .join("")}`;
    await writeFile(`${config}.new`, text);
    await rename(`${config}.new`, config);
    return text;
  };
  await write([]);
  const haproxy = await startHaproxy(t, { config });
  const fields = ways[way]?.(haproxy, socket);
  const proxy = createProxy(proxySchema.parse({ type: "haproxy", timeout: "10s", ...fields }), {
    clock: systemClock,
  });
  let loaded: string | undefined;
  const url = `http://127.0.0.1:${port}/`;
  return {
    haproxy,
    url,
    socket,
    config,
    write,
    async show(members, extra) {
      const before = loaded;
      loaded = undefined;
      const wanted = await write(members, extra);
      const file = { target: config, loaded: before, desired: wanted };
      const applied = await proxy.apply({ files: [file] }, new AbortController().signal);
      loaded = wanted;
      return applied;
    },
    tell: (command) => haproxy.ask(socket, command),
    async answering() {
      const found = new Set<number>();
      for (let i = 0; i < 12; i += 1) {
        const { status, body } = await fetchOnce(url);
        found.add(status === 200 ? Number(body) : status);
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

const members = (...numbers: readonly number[]): readonly Member[] => numbers.map((at) => ({ at }));

for (const way of Object.keys(ways)) {
  test(`servers come, go and change ${way}, and the worker stays`, async (t) => {
    const { show, answering, haproxy, tell } = await scene(t, way);
    assert.equal(await show(members(2, 3)), "reloaded");
    const worker = await haproxy.worker();
    assert.deepEqual(await answering(), [2, 3]);
    assert.equal(await show(members(2, 3, 4)), "adjusted (1 server)");
    assert.deepEqual(await answering(), [2, 3, 4]);
    assert.equal(await show(members(4, 5)), "adjusted (3 servers)");
    assert.deepEqual(await answering(), [4, 5]);
    const drained = [
      { at: 4, weight: 0 },
      { at: 5, weight: 7 },
    ];
    assert.equal(await show(drained), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [5]);
    assert.equal(
      await show([{ at: 4, options: "check disabled" }, { at: 5 }]),
      "adjusted (2 servers)",
    );
    assert.deepEqual(await answering(), [5]);
    assert.equal(await show([]), "adjusted (1 server)", "the other was out already");
    assert.deepEqual(await answering(), [503]);
    assert.equal(await show(members(2, 6)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [2, 6]);
    assert.equal(await haproxy.worker(), worker);
    assert.deepEqual((await tell("show servers state web")).match(/ s\d+ /g), [" s2 ", " s6 "]);
  });
}

test("a server that is added is checked as one that was loaded", async (t) => {
  const { show, tell } = await scene(t);
  await show(members(2));
  const port = await freePort();
  assert.equal(
    await show([{ at: 2 }, { at: 3, options: `check port ${port} fall 1` }]),
    "adjusted (1 server)",
  );
  await eventually("its check has failed", async () =>
    /^web,s3,.*,DOWN,/m.test(await tell("show stat")),
  );
});

test("200 changes one after the other cost no request and no reload", async (t) => {
  const { show, url, haproxy } = await scene(t);
  await show(members(2, 3, 4, 5));
  const worker = await haproxy.worker();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const [fresh, kept] = [keepRequesting(url), keepRequesting(url, { agent })];
  t.after(() => Promise.all([fresh.stop(), kept.stop()]));
  for (let i = 0; i < 200; i += 1) {
    const at = (n: number) => 2 + ((i + n) % 8);
    assert.match(await show(members(at(1), at(2), at(3), at(4))), /^adjusted/, `change ${i}`);
  }
  assert.deepEqual([...(await fresh.stop()), ...(await kept.stop())], []);
  assert.ok(fresh.answered() > 100 && kept.answered() > 100);
  assert.equal(await haproxy.worker(), worker);
});

test("a server that is taken out finishes its request, gets no other, and comes back", async (t) => {
  const { show, url, answering, tell } = await scene(t);
  await show(members(2));
  const slow = fetchOnce(url, { headers: { "x-takes": "800" } });
  await eventually("the request is there", async () =>
    /^web,s2,0,0,1,/m.test(await tell("show stat")),
  );
  assert.equal(await show(members(3)), "adjusted (2 servers)");
  assert.deepEqual(await answering(), [3]);
  assert.match(await tell("show servers state web"), / s2 /, "somebody is connected to it");
  assert.equal(await show(members(2, 3)), "adjusted (1 server)");
  assert.deepEqual(await answering(), [2, 3]);
  assert.equal(await show(members(3)), "adjusted (1 server)");
  const other = await show([{ at: 2, options: "check inter 5s" }, { at: 3 }]);
  assert.match(other, /^reloaded \(del server web\/s2: Server still has connections/);
  assert.deepEqual(await slow, { status: 200, body: "2" });
});

test("what commands cannot do is done by a reload, which says why", async (t) => {
  const { show, answering } = await scene(t);
  await show(members(2, 3));
  const same = members(2, 3);
  assert.equal(await show(same, "retries 2"), "reloaded (more than servers changed)");
  assert.equal(
    await show([{ at: 2, options: "check inter 5s" }, { at: 3 }], "retries 2"),
    "reloaded (web/s2 has another address or other options)",
  );
  assert.match(await show(members(3), "balance static-rr"), /^reloaded/);
  assert.match(
    await show(members(2, 3), "balance static-rr"),
    /^reloaded \(add server web\/s2 .*: Backend must use a dynamic load balancing/,
  );
  assert.deepEqual(await answering(), [2, 3]);
});

const byHand: Readonly<Record<string, readonly string[]>> = {
  "took one out": ["set server web/s2 state maint"],
  "drained one": ["set server web/s2 state drain"],
  "gave one another weight": ["set server web/s2 weight 0"],
  "stopped its checks": ["disable health web/s2"],
  "deleted one": ["set server web/s2 state maint", "del server web/s2"],
};

for (const [deed, commands] of Object.entries(byHand)) {
  test(`an operator who ${deed} is overruled with the next change`, async (t) => {
    const { show, answering, tell } = await scene(t);
    await show(members(2, 3));
    const before = await tell("show servers state web");
    for (const command of commands) await tell(command);
    assert.notEqual(await tell("show servers state web"), before);
    assert.equal(await show(members(2, 3, 4)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [2, 3, 4]);
    const state = (text: string) => / s2 \S+ \d+ (\d+ \d+) (?:\S+ ){5}(\d+)/.exec(text)?.slice(1);
    assert.deepEqual(state(await tell("show servers state web")), state(before));
  });
}

test("an operator who added a server, or moved one, is overruled as well", async (t) => {
  const { show, answering, tell } = await scene(t);
  await show(members(2, 3));
  const port = /127\.0\.0\.2 .* (\d{4,5}) /.exec(await tell("show servers state web"))?.[1];
  await tell(`add server web/x 127.0.0.9:${port}`);
  await tell("set server web/x state ready");
  assert.deepEqual(await answering(), [2, 3, 9]);
  assert.equal(await show(members(2, 3, 4)), "adjusted (2 servers)");
  assert.deepEqual(await answering(), [2, 3, 4]);
  await tell(`set server web/s2 addr 127.0.0.9 port ${port}`);
  assert.match(await show(members(2, 3)), /^reloaded \(web\/s2 was moved to 127\.0\.0\.9:/);
  assert.deepEqual(await answering(), [2, 3]);
});

for (const way of Object.keys(ways)) {
  test(`somebody else's reload is noticed ${way}`, async (t) => {
    const { show, answering, haproxy } = await scene(t, way);
    await show(members(2, 3));
    const worker = await haproxy.worker();
    haproxy.process.child.kill("SIGUSR2");
    await eventually("another worker", async () => (await haproxy.worker()) !== worker);
    assert.equal(await show(members(2)), "reloaded (another worker had taken over)");
    assert.equal(await show(members(3)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [3]);
  });
}

test("changes and somebody else's reloads at the same time: the last file is served, no request fails", async (t) => {
  const { show, answering, haproxy, url } = await scene(t);
  await show(members(2, 3));
  const asking = keepRequesting(url);
  t.after(() => asking.stop());
  for (let i = 0; i < 12; i += 1) {
    // Not waited for: it is told while the change is being made, or just before or after that.
    haproxy.process.child.kill("SIGUSR2");
    const wanted = members(2 + i, 3 + i);
    assert.match(await show(wanted), /^(adjusted|reloaded)/);
    assert.deepEqual(await answering(), [2 + i, 3 + i]);
  }
  assert.deepEqual(await asking.stop(), []);
});

test("without its stats socket haproxy is reloaded; without its master's it counts as not running", async (t) => {
  const { show, answering, socket, haproxy } = await scene(t, "at the stats socket");
  await show(members(2));
  // A master that is still starting anew may miss a signal.
  await haproxy.worker();
  await rm(socket);
  assert.match(await show(members(3)), /^reloaded \(.*ENOENT/);
  assert.deepEqual(await answering(), [3]);
  const other = await scene(t);
  await other.show(members(2));
  await rm(other.haproxy.master);
  await assert.rejects(other.show(members(3)), withCode("PROXY_NOT_RUNNING", /ENOENT/));
});
