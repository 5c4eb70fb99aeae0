import assert from "node:assert/strict";
import { rename, rm, writeFile } from "node:fs/promises";
import { Agent, createServer } from "node:http";

import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import type { Applied } from "../../lib/proxy/contract.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { withCode } from "../support/faults.ts";
import { fetchOnce, keepRequesting } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { type Haproxy, startHaproxy } from "./haproxy.ts";

/** A server at an address of 127.0.0.0/8, by the last number of the address. */
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
  /** Writes the file for other servers and returns its text. `extra` is added to the pool. */
  write(members: readonly Member[], extra?: string): Promise<string>;
  /** Writes the file and makes haproxy load it. */
  apply(members: readonly Member[], extra?: string): Promise<Applied>;
  /** Sends a command to the stats socket and resolves with the answer. */
  send(command: string): Promise<string>;
  /** The addresses that answer a series of requests, by their last number. */
  answering(): Promise<readonly number[]>;
}

/** An application that listens at all addresses and answers with the last number of the requested one. */
async function application(t: TestContext): Promise<number> {
  const server = createServer((request, response) => {
    const [, , , at = ""] = (request.socket.localAddress ?? "").split(".");
    setTimeout(() => response.end(at), Number(request.headers["x-takes"] ?? 0));
  });
  return await listen(t, server, "0.0.0.0");
}

/** The settings of the proxy, by a phrase for the test names. */
const ways: Readonly<Record<string, (haproxy: Haproxy, socket: string) => object>> = {
  "by the master socket": ({ master }) => ({ master }),
  "by the stats socket": ({ pidFile }, socket) => ({ pidFile, socket }),
};

async function scene(t: TestContext, way = "by the master socket"): Promise<Scene> {
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
    async apply(members, extra) {
      const before = loaded;
      loaded = undefined;
      const desired = await write(members, extra);
      const applied = await proxy.apply(
        { files: [{ target: config, loaded: before, desired }] },
        never,
      );
      loaded = desired;
      return applied;
    },
    send: (command) => haproxy.send(socket, command),
    async answering() {
      const found = new Set<number>();
      // Three at a time: single requests could keep in step with other clients, and never reach some of the servers.
      for (let i = 0; i < 4; i += 1) {
        for (const { status, body } of await Promise.all(
          [url, url, url].map((at) => fetchOnce(at)),
        )) {
          found.add(status === 200 ? Number(body) : status);
        }
      }
      return [...found].sort((a, b) => a - b);
    },
  };
}

const members = (...numbers: readonly number[]): readonly Member[] => numbers.map((at) => ({ at }));

for (const way of Object.keys(ways)) {
  test(`servers are added, removed and changed ${way} without a new worker`, async (t) => {
    const { apply, answering, haproxy, send } = await scene(t, way);
    assert.equal(await apply(members(2, 3)), "reloaded");
    const worker = await haproxy.worker();
    assert.deepEqual(await answering(), [2, 3]);
    assert.equal(await apply(members(2, 3, 4)), "adjusted (1 server)");
    assert.deepEqual(await answering(), [2, 3, 4]);
    assert.equal(await apply(members(4, 5)), "adjusted (3 servers)");
    assert.deepEqual(await answering(), [4, 5]);
    const drained = [
      { at: 4, weight: 0 },
      { at: 5, weight: 7 },
    ];
    assert.equal(await apply(drained), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [5]);
    assert.equal(
      await apply([{ at: 4, options: "check disabled" }, { at: 5 }]),
      "adjusted (2 servers)",
    );
    assert.deepEqual(await answering(), [5]);
    assert.equal(await apply([]), "adjusted (1 server)", "the other server was disabled already");
    assert.deepEqual(await answering(), [503]);
    const backup = { at: 4, options: "check backup" };
    assert.equal(await apply([{ at: 3 }, backup]), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [3], "a backup is added as one");
    assert.equal(await apply([]), "adjusted (2 servers)");
    assert.equal(await apply(members(2, 6)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [2, 6]);
    assert.equal(await haproxy.worker(), worker);
    assert.deepEqual((await send("show servers state web")).match(/ s\d+ /g), [" s2 ", " s6 "]);
  });
}

test("an added server is checked like a loaded one", async (t) => {
  const { apply, send } = await scene(t);
  await apply(members(2));
  const port = await freePort();
  assert.equal(
    await apply([{ at: 2 }, { at: 3, options: `check port ${port} fall 1` }]),
    "adjusted (1 server)",
  );
  await eventually("its check has failed", async () =>
    /^web,s3,.*,DOWN,/m.test(await send("show stat")),
  );
});

test("200 successive changes cause no failed request and no reload", async (t) => {
  const { apply, url, haproxy } = await scene(t);
  await apply(members(2, 3, 4, 5));
  const worker = await haproxy.worker();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const [fresh, kept] = [keepRequesting(url), keepRequesting(url, { agent })];
  t.after(() => Promise.all([fresh.stop(), kept.stop()]));
  for (let i = 0; i < 200; i += 1) {
    const at = (n: number) => 2 + ((i + n) % 8);
    assert.match(await apply(members(at(1), at(2), at(3), at(4))), /^adjusted/, `change ${i}`);
  }
  assert.deepEqual([...(await fresh.stop()), ...(await kept.stop())], []);
  assert.ok(fresh.answered() > 100 && kept.answered() > 100);
  assert.equal(await haproxy.worker(), worker);
});

test("a removed server finishes its request, receives no new one, and can be added again", async (t) => {
  const { apply, url, answering, send } = await scene(t);
  await apply(members(2));
  const slow = fetchOnce(url, { headers: { "x-takes": "800" } });
  await eventually("the request has arrived", async () =>
    /^web,s2,0,0,1,/m.test(await send("show stat")),
  );
  assert.equal(await apply(members(3)), "adjusted (2 servers)");
  assert.deepEqual(await answering(), [3]);
  assert.match(await send("show servers state web"), / s2 /, "it has an open connection");
  assert.equal(await apply(members(2, 3)), "adjusted (1 server)");
  assert.deepEqual(await answering(), [2, 3]);
  assert.equal(await apply(members(3)), "adjusted (1 server)");
  const other = await apply([{ at: 2, options: "check inter 5s" }, { at: 3 }]);
  assert.match(other, /^reloaded \(del server web\/s2: Server still has connections/);
  assert.deepEqual(await slow, { status: 200, body: "2" });
});

test("changes that commands cannot make are made by a reload, with the reason", async (t) => {
  const { apply, answering } = await scene(t);
  await apply(members(2, 3));
  const same = members(2, 3);
  assert.equal(await apply(same, "retries 2"), "reloaded (more than servers changed)");
  assert.equal(
    await apply([{ at: 2, options: "check inter 5s" }, { at: 3 }], "retries 2"),
    "reloaded (web/s2 has another address or other options)",
  );
  assert.match(await apply(members(3), "balance static-rr"), /^reloaded/);
  assert.match(
    await apply(members(2, 3), "balance static-rr"),
    /^reloaded \(add server web\/s2 .*: Backend must use a dynamic load balancing/,
  );
  assert.deepEqual(await answering(), [2, 3]);
});

const byHand: Readonly<Record<string, readonly string[]>> = {
  disabled: ["set server web/s2 state maint"],
  drained: ["set server web/s2 state drain"],
  "given another weight": ["set server web/s2 weight 0"],
  "no longer checked": ["disable health web/s2"],
  deleted: ["set server web/s2 state maint", "del server web/s2"],
};

for (const [change, commands] of Object.entries(byHand)) {
  test(`a server that was ${change} by hand is restored with the next change`, async (t) => {
    const { apply, answering, send } = await scene(t);
    await apply(members(2, 3));
    const before = await send("show servers state web");
    for (const command of commands) await send(command);
    assert.notEqual(await send("show servers state web"), before);
    assert.equal(await apply(members(2, 3, 4)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [2, 3, 4]);
    const state = (text: string) => / s2 \S+ \d+ (\d+ \d+) (?:\S+ ){5}(\d+)/.exec(text)?.slice(1);
    assert.deepEqual(state(await send("show servers state web")), state(before));
  });
}

test("a server that was added or moved by hand is removed or restored with the next change", async (t) => {
  const { apply, answering, send } = await scene(t);
  await apply(members(2, 3));
  const port = /127\.0\.0\.2 .* (\d{4,5}) /.exec(await send("show servers state web"))?.[1];
  await send(`add server web/x 127.0.0.9:${port}`);
  await send("set server web/x state ready");
  assert.deepEqual(await answering(), [2, 3, 9]);
  assert.equal(await apply(members(2, 3, 4)), "adjusted (2 servers)");
  assert.deepEqual(await answering(), [2, 3, 4]);
  await send(`set server web/s2 addr 127.0.0.9 port ${port}`);
  assert.match(await apply(members(2, 3)), /^reloaded \(web\/s2 was moved to 127\.0\.0\.9:/);
  assert.deepEqual(await answering(), [2, 3]);
});

for (const way of Object.keys(ways)) {
  test(`a reload by another process is detected ${way}`, async (t) => {
    const { apply, answering, haproxy } = await scene(t, way);
    await apply(members(2, 3));
    const worker = await haproxy.worker();
    haproxy.process.child.kill("SIGUSR2");
    await eventually("there is a new worker", async () => (await haproxy.worker()) !== worker);
    assert.equal(await apply(members(2)), "reloaded (another worker had taken over)");
    assert.equal(await apply(members(3)), "adjusted (2 servers)");
    assert.deepEqual(await answering(), [3]);
  });
}

test("changes during reloads by another process: the last file is served and no request fails", async (t) => {
  const { apply, answering, haproxy, url } = await scene(t);
  await apply(members(2, 3));
  const requests = keepRequesting(url);
  t.after(() => requests.stop());
  for (let i = 0; i < 12; i += 1) {
    // Not waited for: the reload is requested before, during or after the change.
    haproxy.process.child.kill("SIGUSR2");
    const desired = members(2 + i, 3 + i);
    assert.match(await apply(desired), /^(adjusted|reloaded)/);
    assert.deepEqual(await answering(), [2 + i, 3 + i]);
  }
  assert.deepEqual(await requests.stop(), []);
});

test("without its stats socket haproxy is reloaded; without its master socket it counts as not running", async (t) => {
  const { apply, answering, socket, haproxy } = await scene(t, "by the stats socket");
  await apply(members(2));
  // A master that executes itself again may miss a signal.
  await haproxy.worker();
  await rm(socket);
  assert.match(await apply(members(3)), /^reloaded \(.*ENOENT/);
  assert.deepEqual(await answering(), [3]);
  const other = await scene(t);
  await other.apply(members(2));
  await rm(other.haproxy.master);
  await assert.rejects(other.apply(members(3)), withCode("PROXY_NOT_RUNNING", /ENOENT/));
});
