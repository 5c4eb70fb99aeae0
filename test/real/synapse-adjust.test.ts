import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../lib/base/clock.ts";
import { never } from "../../lib/base/signal.ts";
import { readSynapseConfig } from "../../lib/config/compat/synapse/read.ts";
import { createProxy, proxySchema } from "../../lib/proxy/kinds.ts";
import { haproxyGenerator } from "../../lib/render/synapse/haproxy-config.ts";
import type { SynapseServer } from "../../lib/render/synapse/settings.ts";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { freePort, throwAwayFolder } from "../support/process.ts";
import { startHaproxy } from "./haproxy.ts";

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
    server: (at: number, more: Partial<SynapseServer> = {}): SynapseServer => ({
      host: `127.0.0.${at}`,
      port: app,
      name: `web-${at}`,
      ...more,
    }),
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

test("Synapse's haproxy.cfg is changed at run time: add, drain, disappear, come back, without a new worker", async (t) => {
  const { haproxy, server, apply, answering } = await scene(t);
  const [two, three, four] = [server(2), server(3), server(4, { options: "maxconn 50" })];
  const worker = await haproxy.worker();

  const added = await apply([two, three]);
  assert.equal(added.applied, "adjusted (2 servers)");
  assert.deepEqual(await answering(), ["2", "3"]);
  assert.match(added.lines.join("\n"), /^web-2_127\.0\.0\.2:\d+ \S+ id 1 cookie \S+ check /m);

  assert.equal((await apply([two, three, four])).applied, "adjusted (1 server)");
  assert.deepEqual(await answering(), ["2", "3", "4"]);

  const drained = await apply([two, { ...three, weight: 0 }, four]);
  assert.equal(drained.applied, "adjusted (1 server)");
  assert.deepEqual(await answering(), ["2", "4"]);

  const gone = await apply([two, four]);
  assert.equal(gone.applied, "adjusted (1 server)");
  assert.match(gone.lines.join("\n"), /^web-3_\S+ .* fall 2 disabled$/m);
  assert.deepEqual(await answering(), ["2", "4"]);

  assert.equal((await apply([two, three, four])).applied, "adjusted (1 server)");
  assert.deepEqual(await answering(), ["2", "3", "4"]);
  assert.equal(await haproxy.worker(), worker);
});
