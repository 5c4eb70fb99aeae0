import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Etcd3 } from "etcd3";
import { type Etcd, startEtcd } from "../test/real/etcd.ts";
import { type Haproxy, startHaproxy } from "../test/real/haproxy.ts";
import { main } from "../test/real/sidekick.ts";
import type { CleanupScope } from "../test/support/cleanup-scope.ts";
import {
  eventually,
  freePort,
  type Running,
  start,
  throwAwayFolder,
} from "../test/support/process.ts";
import { root } from "../test/support/sources.ts";

/** The configuration of a proxy for a measurement. */
export interface Setting {
  /** The template. */
  readonly template: string;
  /** The `proxy` of the configuration for a running haproxy. */
  readonly proxy: (haproxy: Pick<Haproxy, "master" | "pidFile">) => string;
  readonly check: boolean;
  /** The command line of sidekick; that of this build unless set. */
  readonly sidekick?: readonly string[];
}

/** An etcd, a watcher and the haproxy that it configures. */
export interface Proxied {
  readonly url: string;
  /** The stats socket. */
  readonly socket: string;
  readonly store: Etcd;
  readonly etcd: Etcd3;
  readonly haproxy: Haproxy;
  readonly watcher: Running;
  /** How each change so far was applied, as the watcher logged it. */
  readonly served: readonly string[];
  /** Makes a change. Resolves with how it was applied. */
  change(make: () => Promise<unknown>): Promise<string>;
}

export const shipped = measurable(
  await readFile(join(root, "templates", "haproxy.cfg.hbs"), "utf8"),
);

/** A simple template, like most examples: no retries on another server, no checks. */
export const naive = measurable(`global
  stats socket {{getenv "HAPROXY_SOCKET"}} mode 660 level admin expose-fd listeners
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend services
  bind {{getenv "PROXY_LISTEN"}}
  default_backend web
backend web
  balance roundrobin
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
`);

/** Replaces the error pages of haproxy: wrk does not count correctly if the end of an answer is that of the connection. */
function measurable(template: string): string {
  const pages = [502, 503, 504].map(
    (status) => `  http-error status ${status} content-type text/plain string failed`,
  );
  return template.replace("  mode http\n", (line) => [line.trimEnd(), ...pages, ""].join("\n"));
}

/** Starts all parts. `fill` puts the initial keys. */
export async function startProxied(
  scope: CleanupScope,
  { template, proxy, check, sidekick = main }: Setting,
  fill: (etcd: Etcd3) => Promise<unknown>,
): Promise<Proxied> {
  const [folder, port] = [await throwAwayFolder(scope), await freePort()];
  const store = await startEtcd(scope);
  const etcd = new Etcd3({ hosts: `http://${store.endpoint}` });
  scope.after(() => etcd.close());
  await fill(etcd);

  // In another folder than the template: the folder of templates is watched for edits.
  const out = join(folder, "out");
  const config = join(out, "haproxy.cfg");
  await mkdir(out);
  await writeFile(join(folder, "haproxy.cfg.hbs"), template);
  await writeFile(
    join(folder, "watch.yaml"),
    [
      `keyspace: ${store.url}`,
      "watch:",
      "  limits: { instances: 100000 }",
      "  templates:",
      "    - source: haproxy.cfg.hbs",
      `      target: ${config}`,
      ...(check ? ['      check: [haproxy, -c, -f, "{candidate}"]'] : []),
      `      proxy: ${proxy({ master: join(out, "master.sock"), pidFile: join(out, "haproxy.pid") })}`,
    ].join("\n"),
  );
  const env = {
    PROXY_LISTEN: `127.0.0.1:${port}`,
    HAPROXY_SOCKET: join(out, "admin.sock"),
    HAPROXY_MAXCONN: "1000",
  };
  const once = start(scope, [...sidekick, "watch", "--once", "-c", join(folder, "watch.yaml")], {
    env,
  });
  await once.ended;
  const haproxy = await startHaproxy(scope, { config });
  const watcher = start(scope, [...sidekick, "watch", "-c", join(folder, "watch.yaml")], { env });
  const served: string[] = [];
  if (!watcher.child.stderr) throw new Error("its standard error is not piped");
  createInterface(watcher.child.stderr).on("line", (line) => {
    if (line.includes('"event":"applied"')) served.push(JSON.parse(line).applied);
  });
  const change = async (make: () => Promise<unknown>) => {
    const before = served.length;
    await make();
    return await eventually("the change is in sync", () => served[before], 30_000);
  };
  await change(async () => {});
  const url = `http://127.0.0.1:${port}/`;
  return { url, socket: env.HAPROXY_SOCKET, store, etcd, haproxy, watcher, served, change };
}
