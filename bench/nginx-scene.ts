import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";

import { join } from "node:path";
import { createInterface } from "node:readline";
import { Etcd3 } from "etcd3";
import { makeCertificates } from "../test/real/certificates.ts";
import { startEtcd } from "../test/real/etcd.ts";
import { type Nginx, startNginx } from "../test/real/nginx.ts";
import { main } from "../test/real/sidekick.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import { listen } from "../test/support/listen.ts";
import {
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../test/support/process.ts";

/** An etcd, a watcher and the nginx that it configures. */
export interface NginxScene {
  readonly etcd: Etcd3;
  readonly nginx: Nginx;
  readonly url: string;
  /** The same with TLS and HTTP/2, if it is live. */
  readonly tlsUrl: string;
  /** The control socket, if it is live. */
  readonly control: string;
  readonly sidekick: Running;
  /** Starts the watcher again, after it has ended. */
  restartSidekick(): void;
  /** Starts nginx again, after it has ended. */
  restartNginx(): Promise<Nginx>;
  /** Puts an instance, or removes it if there is no address. Resolves with the revision. */
  put(key: string, address: string | undefined, weight?: number): Promise<number>;
  /** Waits until this revision or a later one is verified. */
  served(revision: number): Promise<void>;
  /** The number of reloads so far. */
  reloads(): number;
}

/**
 * Starts the scene with the shipped template or with another one; `isLive` with the one for changes at run time. `before` fills the
 * keyspace.
 */
export async function nginxScene(
  scope: CleanupScope,
  before: (etcd: Etcd3) => Promise<void>,
  template?: string,
  isLive = false,
): Promise<NginxScene> {
  const folder = await throwAwayFolder(scope);
  const { endpoint } = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${endpoint}` });
  scope.after(() => etcd.close());
  await before(etcd);
  const listen = `127.0.0.1:${await freePort()}`;
  const [pidFile, target] = [join(folder, "nginx.pid"), join(folder, "target", "nginx.conf")];
  const [control, tls] = [`unix:${join(folder, "control.sock")}`, `127.0.0.1:${await freePort()}`];
  const { server } = await makeCertificates(folder, ["127.0.0.1"]);
  const env = {
    ...(isLive && {
      NGINX_CONTROL: control,
      NGINX_TLS_LISTEN: tls,
      NGINX_TLS_CERTIFICATE: server.cert,
      NGINX_TLS_KEY: server.key,
    }),
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
      "  limits: { instances: 100000 }",
      "  templates:",
      `    - source: ${isLive ? "nginx-live.conf.hbs" : "nginx.conf.hbs"}`,
      `      target: ${target}`,
      '      check: [nginx, -t, -q, -c, "{candidate}"]',
      `      proxy: { type: nginx, pidFile: ${pidFile}${isLive ? `, control: "${control}"` : ""} }`,
    ].join("\n"),
  );
  let [revision, reloads] = [0, 0];
  const startSidekick = () => {
    const running = start(scope, [...main, "watch", "-c", config], { env });
    if (!running.child.stderr) throw new Error("its standard error is not piped");
    createInterface(running.child.stderr).on("line", (line) => {
      if (!line.includes('"event":"applied"')) return;
      const fields = JSON.parse(line) as { revision: string; applied: string };
      revision = Number(fields.revision);
      if (fields.applied.startsWith("reloaded")) reloads += 1;
    });
    return running;
  };
  let sidekick = startSidekick();
  await eventually(
    "the file is written",
    () => /"event":"file_written"/.test(sidekick.output()),
    60_000,
  );
  const nginx = await startNginx(scope, { config: target, pidFile });
  const served = (least: number) =>
    eventually(`revision ${least} is in sync`, () => revision >= least, 60_000).then(() => {});
  await served(1);
  return {
    etcd,
    nginx,
    url: `http://${listen}/`,
    tlsUrl: `https://${tls}/`,
    control,
    get sidekick() {
      return sidekick;
    },
    restartSidekick() {
      sidekick = startSidekick();
    },
    restartNginx: () => startNginx(scope, { config: target, pidFile }),
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

/** A server that answers with its name. `close` waits for its requests. */
export interface Server {
  readonly address: string;
  close(): Promise<void>;
}

export async function startServer(scope: CleanupScope, name: string): Promise<Server> {
  const server = createServer((_, response) => response.end(name));
  const port = await listen(scope, server);
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  return { address: `127.0.0.1:${port}`, close };
}
