import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { type NameServer, startNameServer, withResolvConf } from "../support/name-server.ts";
import { onFailure } from "../support/on-failure.ts";
import { eventually, freePort, start, throwAwayFolder } from "../support/process.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { main, startApp } from "./sidekick.ts";

export type ProxyKind = "haproxy" | "nginx";

/** The setting `watch.resolve`, and the template if it is not the shipped one. */
export interface NamesSceneOptions {
  readonly resolve?: boolean;
  readonly template?: string;
}

const programs = {
  haproxy: { check: 'haproxy -c -f "$1"', start: startHaproxy },
  nginx: { check: 'nginx -t -c "$1"', start: startNginx },
} as const;

/** A watcher whose machine has a name server of its own, with a proxy that serves the rendered file. */
export async function namesScene(t: TestContext, kind: ProxyKind, options: NamesSceneOptions = {}) {
  const folder = await throwAwayFolder(t);
  const [dns, app, port] = [await startNameServer(t), await startApp(t, "app"), await freePort()];
  const file = (name: string) => join(folder, name);
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: file("admin.sock"),
    NGINX_PID: file("proxy.pid"),
    NGINX_ERROR_LOG: file("error.log"),
  };
  const proxy = {
    haproxy: `{ type: haproxy, master: ${file("master.sock")} }`,
    nginx: `{ type: nginx, pidFile: ${file("proxy.pid")}, minInterval: 0s }`,
  }[kind];
  const shipped = kind === "haproxy" ? "haproxy.cfg.hbs" : "nginx.conf.hbs";
  await writeFile(file("resolv.conf"), `nameserver ${dns.address}\nsearch corp.test\n`);
  await writeFile(file("check"), `echo >>${file("checks")}; exec ${programs[kind].check}\n`);
  if (options.template) await writeFile(file("own.hbs"), options.template);
  await writeFile(
    file("sidekick.yaml"),
    `keyspace: file:./keys
status: { socket: ./socket }
watch:
  retry: { first: 100ms, atMost: 1s }
  snapshotCache: ./snapshot
  resolve: ${options.resolve ?? true}
  templates:
    - source: ${options.template ? "own.hbs" : shipped}
      target: proxy.conf
      check: [sh, ./check, "{candidate}"]
      proxy: ${proxy}
`,
  );
  await mkdir(file("keys/services/web"), { recursive: true });
  const inNamespace = (argv: readonly string[]) => withResolvConf(file("resolv.conf"), argv);
  const sidekick = (...args: readonly string[]) =>
    start(t, inNamespace([...main, ...args, "-c", "sidekick.yaml"]), { cwd: folder, env });
  const text = () => readFile(file("proxy.conf"), "utf8").catch(() => "");
  return {
    ...{ dns, app, text, file },
    /** Writes entries, each by its id with its address. */
    put: async (entries: Readonly<Record<string, string>>) => {
      for (const [id, address] of Object.entries(entries)) {
        await writeFile(file(`keys/services/web/${id}`), address);
      }
    },
    remove: (id: string) => rm(file(`keys/services/web/${id}`)),
    watch: () => {
      const running = sidekick("watch");
      onFailure(t, () => running.output().slice(-4000));
      return running;
    },
    /** Starts the proxy with the rendered file. */
    startProxy: async () => {
      await eventually("a file is written", async () => (await text()) !== "");
      const config = { config: file("proxy.conf"), pidFile: file("proxy.pid") };
      return (await programs[kind].start(t, config)).process;
    },
    /** Waits until the file has all of these texts, and none of the others. Resolves with the time that it took. */
    has: async (all: readonly string[], none: readonly string[] = []) => {
      const startMs = performance.now();
      await eventually(`the file has ${all.slice(0, 3)} and not ${none.slice(0, 3)}`, async () => {
        const now = await text();
        return all.every((one) => now.includes(one)) && !none.some((one) => now.includes(one));
      });
      return Math.round(performance.now() - startMs);
    },
    /** Waits until a request through the proxy is answered. */
    answers: () =>
      eventually("the proxy answers", async () => {
        const { body } = await fetchOnce(`http://127.0.0.1:${port}/`);
        return body.includes("app");
      }),
    /** How often the check command was executed. */
    checks: async () => (await readFile(file("checks"), "utf8")).length,
    status: async () => {
      const running = sidekick("status");
      await running.ended;
      return running.output();
    },
  };
}

/** So many names, each with an address of its own, in DNS and as entries by id. */
export function goodNames(dns: NameServer, count: number, port: number) {
  const numbers = Array.from({ length: count }, (_, i) => i);
  const address = (i: number) => `127.1.${i >> 8}.${i & 255}`;
  for (const i of numbers) dns.names.set(`good${i}.test`, [address(i)]);
  return {
    entries: Object.fromEntries(numbers.map((i) => [`good${i}`, `good${i}.test:${port}`])),
    addresses: numbers.map((i) => `${address(i)}:${port}`),
  };
}

/** So many names without an address, of all kinds. */
export function badNames(dns: NameServer, count: number, port: number) {
  const kinds = ["silent", "NXDOMAIN", "SERVFAIL", []] as const;
  const names = Array.from({ length: count }, (_, i) => `bad${i}.test`);
  for (const [i, name] of names.entries()) dns.names.set(name, kinds[i % kinds.length] ?? "silent");
  return Object.fromEntries(names.map((name) => [name, `${name}:${port}`]));
}
