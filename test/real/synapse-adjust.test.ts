import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { readSynapseConfig } from "../../lib/config/compat/synapse/read.ts";
import { decode } from "../../lib/model/decode.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { haproxyGenerator } from "../../lib/render/synapse/haproxy-config.ts";
import { serverOf } from "../../lib/render/synapse/server-of.ts";
import type { SynapseServer } from "../../lib/render/synapse/settings.ts";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startHaproxy } from "./haproxy.ts";
import { following, opening } from "./keyspace.ts";
import { startZookeeper } from "./zookeeper.ts";

/** An application at each address of 127.0.0.0/8, which answers with the last number of the requested one. */
async function application(t: TestContext): Promise<number> {
  const server = createServer((request, response) => {
    response.end((request.socket.localAddress ?? "").split(".").at(-1));
  });
  return await listen(t, server, "0.0.0.0");
}

/** A running haproxy whose file is generated from a configuration of Synapse. */
async function scene(t: TestContext) {
  const folder = await throwAwayFolder(t);
  const [config, socket] = [join(folder, "haproxy.cfg"), join(folder, "stats.sock")];
  const [port, app] = [await freePort(), await application(t)];
  const text = JSON.stringify({
    services: {
      web: {
        discovery: { method: "base" },
        haproxy: {
          port,
          bind_address: "127.0.0.1",
          server_options: "check inter 30s rise 1 fall 2",
          listen: ["mode http", "option httpchk GET /health"],
        },
      },
    },
    haproxy: {
      reload_command: "true",
      config_file_path: config,
      socket_file_path: socket,
      state_file_path: join(folder, "state.json"),
      global: [`stats socket ${socket} level admin expose-fd listeners`, "hard-stop-after 5s"],
      defaults: [
        ...["balance roundrobin", "timeout connect 5s", "timeout client 10s"],
        ...["timeout server 10s", "retries 3", "option redispatch"],
      ],
    },
  });
  const { settings } = readSynapseConfig(text, "synapse.conf.json", { env: {}, hostName: "here" });
  assert.ok(settings?.haproxy);
  const { generate, recall } = haproxyGenerator(settings.haproxy.settings);
  const textFor = (servers: readonly SynapseServer[], state?: ReturnType<typeof recall>) =>
    generate(new Map([["web", servers]]), state, 0).text;
  let loaded = textFor([]);
  await writeFile(config, loaded);
  const haproxy = await startHaproxy(t, { config });
  const proxy = createProxy(
    proxySchema.parse({ type: "haproxy", timeout: "60s", master: haproxy.master }),
    { clock: systemClock },
  );
  await proxy.adopt?.(never);
  let state = recall(loaded, 0);
  return {
    haproxy,
    app,
    /** Generates the file for these servers and makes haproxy use it. */
    async apply(servers: readonly SynapseServer[]) {
      const desired = textFor(servers, state);
      await writeFile(config, desired);
      const applied = await proxy.apply({ files: [{ target: config, loaded, desired }] }, never);
      [loaded, state] = [desired, recall(desired, 0, state)];
      return { applied, lines: desired.match(/(?<=^\tserver )\S+.*$/gm) ?? [] };
    },
    /** The servers that answer a series of requests, by the last number of their address. */
    async answering(): Promise<readonly string[]> {
      const found = new Set<string>();
      for (let i = 0; i < 12; i += 1) {
        const { status, body } = await fetchOnce(`http://127.0.0.1:${port}/`);
        found.add(status === 200 ? body : String(status));
      }
      return [...found].sort();
    },
  };
}

const folder = "/nerve/services/web";

/** The entries of Nerve in a real ZooKeeper, and the servers that they are. */
async function registry(t: TestContext, app: number) {
  const { url } = await startZookeeper(t);
  const keyspace = await opening(t, url);
  const seen = new Cell<Snapshot | undefined>(undefined);
  following(t, keyspace, folder, seen);
  const servers = () =>
    (seen.value?.chunks ?? []).flat().flatMap((entry) => {
      const id = entry.key.slice(folder.length + 1);
      const decoded = decode({ service: "web", id }, entry);
      return "endpoint" in decoded ? [serverOf(decoded.endpoint)] : [];
    });
  return {
    /** Registers an instance at 127.0.0.`at` in a session of its own. */
    async register(at: number) {
      const session = await keyspace.open(60_000, never);
      const put = (more: object) => {
        const value = { host: `127.0.0.${at}`, port: app, name: `web-${at}`, ...more };
        return session.put(`${folder}/web-${at}_000000000${at}`, JSON.stringify(value), never);
      };
      await put({});
      return { drain: () => put({ weight: 0 }), end: () => session.close() };
    },
    /** The servers, once each instance with its weight is among them as in `expected`: `2 3:0`. */
    async until(expected: string): Promise<readonly SynapseServer[]> {
      return await eventually(`the entries are ${expected}`, async () => {
        const now = servers();
        const words = now.map(({ host, weight }) => {
          const at = host.split(".").at(-1);
          return weight === 0 ? `${at}:0` : at;
        });
        return words.sort().join(" ") === expected ? now : undefined;
      });
    },
  };
}

test("entries of Nerve in ZooKeeper: add, drain, kill and add again change haproxy without a new worker", async (t) => {
  const { haproxy, app, apply, answering } = await scene(t);
  const { register, until } = await registry(t, app);
  const worker = await haproxy.worker();
  const line = (at: number, id: number, end = "") => {
    const address = `127.0.0.${at}:${app}`;
    const name = `web-${at}_${address}`;
    return `${name} ${address} id ${id} cookie ${name} check inter 30s rise 1 fall 2${end}`;
  };

  await register(2);
  const three = await register(3);
  const added = await apply(await until("2 3"));
  assert.equal(added.applied, "adjusted (2 servers)");
  assert.deepEqual([...added.lines].sort(), [line(2, 1), line(3, 2)]);
  assert.deepEqual(await answering(), ["2", "3"]);

  await register(4);
  assert.equal((await apply(await until("2 3 4"))).applied, "adjusted (1 server)");
  assert.deepEqual(await answering(), ["2", "3", "4"]);

  await three.drain();
  const drained = await apply(await until("2 3:0 4"));
  assert.equal(drained.applied, "adjusted (1 server)");
  assert.deepEqual([...drained.lines].sort(), [line(2, 1), line(3, 2, " weight 0"), line(4, 3)]);
  assert.deepEqual(await answering(), ["2", "4"]);

  await three.end();
  const gone = await apply(await until("2 4"));
  assert.equal(gone.applied, "adjusted (1 server)");
  assert.deepEqual([...gone.lines].sort(), [line(2, 1), line(3, 2, " disabled"), line(4, 3)]);
  assert.deepEqual(await answering(), ["2", "4"]);

  await register(3);
  const back = await apply(await until("2 3 4"));
  assert.equal(back.applied, "adjusted (1 server)");
  assert.deepEqual([...back.lines].sort(), [line(2, 1), line(3, 2), line(4, 3)]);
  assert.deepEqual(await answering(), ["2", "3", "4"]);
  assert.equal(await haproxy.worker(), worker);
});
