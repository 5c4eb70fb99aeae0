import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, delimiter, join } from "node:path";

/** What is played with, and where it lies. */
export interface Scene {
  /** The text of sidekick.yaml. */
  readonly config: string;
  /** The file that is rendered. */
  readonly target: string;
  /** Where requests are sent. */
  readonly url: string;
  /** What the shipped templates take from the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The proxy to run; undefined where none is installed. */
  readonly proxy: { readonly kind: string; readonly argv: readonly string[] } | undefined;
}

/** Which proxy to run; what is installed decides where nobody chooses. */
export type Choice = "haproxy" | "nginx" | "none";

interface Installed {
  readonly kind: "haproxy" | "nginx";
  readonly program: string;
}

/** Who is to be registered, on 127.0.0.1. */
export interface Address {
  readonly name: string;
  readonly port: number;
}

/** Looks for a proxy, and writes the configuration that a newcomer would write. */
export async function prepare(
  folder: string,
  apps: readonly Address[],
  path: string,
  choice: Choice | undefined,
): Promise<Scene> {
  const port = await freePort();
  const installed = findProxy(path, choice);
  const template = installed?.kind === "haproxy" ? "haproxy.cfg.hbs" : "nginx.conf.hbs";
  const target = join(folder, template.replace(".hbs", ""));
  const run = {
    socket: join(folder, "haproxy.sock"),
    master: join(folder, "master.sock"),
    pidFile: join(folder, "nginx.pid"),
    errorLog: join(folder, "error.log"),
  };
  const config = [
    "keyspace: file:./keyspace",
    "presence:",
    "  ttl: 3s",
    "  services:",
    ...apps.flatMap(serviceLines),
    "watch:",
    "  templates:",
    `    - source: ${template}`,
    `      target: ./${basename(target)}`,
    ...(installed ? proxyLines(installed, run) : []),
    "",
  ].join("\n");
  await writeFile(join(folder, "sidekick.yaml"), config);
  return {
    config,
    target,
    url: `http://127.0.0.1:${port}/`,
    env: {
      PROXY_LISTEN: `127.0.0.1:${port}`,
      HAPROXY_SOCKET: run.socket,
      HAPROXY_MAXCONN: "100",
      NGINX_PID: run.pidFile,
      NGINX_ERROR_LOG: run.errorLog,
      STATE_DIRECTORY: folder,
    },
    proxy: installed && { kind: installed.kind, argv: startOf(installed, target, run) },
  };
}

/** Where a proxy is reached while it runs. */
interface Run {
  readonly master: string;
  readonly pidFile: string;
  readonly errorLog: string;
}

function serviceLines({ name, port }: Address): readonly string[] {
  return [
    `    - { name: web, host: 127.0.0.1, port: ${port}, instance: ${name}, checks: [`,
    "        { type: http, path: /healthz, interval: 300ms, timeout: 200ms, rise: 1, fall: 2 }] }",
  ];
}

function proxyLines({ kind, program }: Installed, { master, pidFile }: Run): readonly string[] {
  const [check, proxy] =
    kind === "haproxy"
      ? [`${program}, -c, -f`, `master: ${master}`]
      : [`${program}, -t, -q, -c`, `pidFile: ${pidFile}`];
  return [`      check: [${check}, "{candidate}"]`, `      proxy: { type: ${kind}, ${proxy} }`];
}

function startOf(
  { kind, program }: Installed,
  target: string,
  { master, errorLog }: Run,
): readonly string[] {
  if (kind === "haproxy") return [program, "-W", "-S", master, "-f", target];
  return [program, "-e", errorLog, "-c", target, "-g", "daemon off;"];
}

/** What was chosen, or haproxy if it is installed, else nginx: looked for where an administrator would. */
function findProxy(path: string, choice: Choice | undefined): Installed | undefined {
  const folders = [...path.split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const kind of ["haproxy", "nginx"] as const) {
    if (choice && choice !== kind) continue;
    for (const folder of folders) {
      const program = join(folder, kind);
      if (isExecutable(program)) return { kind, program };
    }
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port that nothing listens on at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
