import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Etcd3 } from "etcd3";
import { startEtcd } from "../test/real/etcd.ts";
import { type Nginx, startNginx } from "../test/real/nginx.ts";
import { main } from "../test/real/sidekick.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { eventually, freePort, start, throwAwayFolder } from "../test/support/process.ts";

/** An etcd, a watcher that keeps an nginx on it, and that nginx. */
export interface NginxScene {
  readonly etcd: Etcd3;
  readonly nginx: Nginx;
  readonly url: string;
  /** Puts an instance, and returns the revision; no address removes it. */
  put(key: string, address: string | undefined, weight?: number): Promise<number>;
  /** Waits until this revision, or a later one, is proved to be in force. */
  served(revision: number): Promise<void>;
  /** How many reloads there were so far. */
  reloads(): number;
}

/** With the shipped template, or with one of its own. `before` fills the keyspace. */
export async function nginxScene(
  scope: CleanupScope,
  before: (etcd: Etcd3) => Promise<void>,
  template?: string,
): Promise<NginxScene> {
  const folder = await throwAwayFolder(scope);
  const { endpoint } = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(() => etcd.close());
  await before(etcd);
  const listen = `127.0.0.1:${await freePort()}`;
  const [pidFile, target] = [join(folder, "nginx.pid"), join(folder, "target", "nginx.conf")];
  const env = {
    PROXY_LISTEN: listen,
    NGINX_PID: pidFile,
    NGINX_ERROR_LOG: join(folder, "error.log"),
    RUNTIME_DIRECTORY: folder,
  };
  await mkdir(join(folder, "target"));
  if (template !== undefined) await writeFile(join(folder, "nginx.conf.hbs"), template);
  const config = join(folder, "sidekick.yaml");
  await writeFile(
    config,
    [
      `keyspace: etcd://${endpoint}`,
      "watch:",
      "  templates:",
      "    - source: nginx.conf.hbs",
      `      target: ${target}`,
      '      check: [nginx, -t, -q, -c, "{candidate}"]',
      `      proxy: { type: nginx, pidFile: ${pidFile} }`,
    ].join("\n"),
  );
  const sidekick = start(scope, [...main, "watch", "-c", config], { env });
  let [revision, reloads] = [0, 0];
  if (!sidekick.child.stderr) throw new Error("what it logs is not to be had");
  createInterface(sidekick.child.stderr).on("line", (line) => {
    if (!line.includes('"event":"applied"')) return;
    revision = Number((JSON.parse(line) as { revision: string }).revision);
    reloads += 1;
  });
  await eventually(
    "the file is written",
    () => /"event":"file_written"/.test(sidekick.output()),
    60_000,
  );
  const nginx = await startNginx(scope, { config: target, pidFile });
  const served = (wanted: number) =>
    eventually(`revision ${wanted} is in force`, () => revision >= wanted, 60_000).then(() => {});
  await served(1);
  return {
    etcd,
    nginx,
    url: `http://${listen}/`,
    served,
    reloads: () => reloads,
    async put(key, address, weight = 1) {
      const { header } = await (address === undefined
        ? etcd.delete().key(key)
        : etcd.put(key).value(valueOf(address, weight)));
      return Number(header.revision);
    },
  };
}

export function valueOf(address: string, weight = 1): string {
  const [host, port] = address.split(":");
  return JSON.stringify({ host, port: Number(port), weight });
}

/** A server that answers with its name. Closing it cuts no request short. */
export interface Server {
  readonly address: string;
  close(): Promise<void>;
}

export async function startServer(scope: CleanupScope, name: string): Promise<Server> {
  const server = createServer((_, response) => response.end(name));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  scope.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
