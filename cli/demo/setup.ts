import { accessSync, constants } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, delimiter, join } from "node:path";

/** The files and programs of a demo. */
export interface Setup {
  /** The text of sidekick.yaml. */
  readonly config: string;
  /** The path of the rendered file. */
  readonly target: string;
  /** The URL of the proxy. */
  readonly url: string;
  /** The variables that the shipped templates read. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined where no proxy runs. */
  readonly proxy: { readonly kind: string; readonly argv: readonly string[] } | undefined;
}

export type ProxyChoice = "haproxy" | "nginx" | "none";

interface InstalledProxy {
  readonly kind: "haproxy" | "nginx";
  readonly program: string;
}

/** An instance to register, on 127.0.0.1. */
export interface DemoInstance {
  readonly name: string;
  readonly port: number;
}

/** Looks for an installed proxy, and writes the configuration file. Without a choice, haproxy is preferred to nginx. */
export async function prepare(
  folder: string,
  apps: readonly DemoInstance[],
  path: string,
  choice: ProxyChoice | undefined,
): Promise<Setup> {
  const port = await freePort();
  const installed = findProxy(path, choice);
  const template = installed?.kind === "haproxy" ? "haproxy.cfg.hbs" : "nginx.conf.hbs";
  const target = join(folder, template.replace(".hbs", ""));
  const paths = {
    socket: join(folder, "haproxy.sock"),
    master: join(folder, "master.sock"),
    pidFile: join(folder, "nginx.pid"),
    errorLog: join(folder, "error.log"),
  };
  const templateLines = [
    `    - source: ${template}`,
    `      target: ./${basename(target)}`,
    ...(installed ? proxyLines(installed, paths) : []),
  ];
  const config = configText(apps, templateLines);
  await writeFile(join(folder, "sidekick.yaml"), config);
  return {
    config,
    target,
    url: `http://127.0.0.1:${port}/`,
    env: {
      PROXY_LISTEN: `127.0.0.1:${port}`,
      HAPROXY_SOCKET: paths.socket,
      HAPROXY_MAXCONN: "100",
      NGINX_PID: paths.pidFile,
      NGINX_ERROR_LOG: paths.errorLog,
      STATE_DIRECTORY: folder,
    },
    proxy: installed && { kind: installed.kind, argv: proxyCommand(installed, target, paths) },
  };
}

/** The files by which a running proxy is controlled. */
interface ProxyPaths {
  readonly master: string;
  readonly pidFile: string;
  readonly errorLog: string;
}

function configText(apps: readonly DemoInstance[], templateLines: readonly string[]): string {
  const lines = [
    "keyspace: file:./keyspace",
    "presence:",
    "  ttl: 3s",
    "  services:",
    ...apps.flatMap(serviceLines),
    "watch:",
    "  templates:",
    ...templateLines,
    "",
  ];
  return lines.join("\n");
}

function serviceLines({ name, port }: DemoInstance): readonly string[] {
  return [
    `    - { name: web, host: 127.0.0.1, port: ${port}, instance: ${name}, checks: [`,
    "        { type: http, path: /healthz, interval: 300ms, timeout: 200ms, rise: 1, fall: 2 }] }",
  ];
}

function proxyLines(
  { kind, program }: InstalledProxy,
  { master, pidFile }: ProxyPaths,
): readonly string[] {
  const [check, proxy] =
    kind === "haproxy"
      ? [`${program}, -c, -f`, `master: ${master}`]
      : [`${program}, -t, -q, -c`, `pidFile: ${pidFile}`];
  return [`      check: [${check}, "{candidate}"]`, `      proxy: { type: ${kind}, ${proxy} }`];
}

function proxyCommand(
  { kind, program }: InstalledProxy,
  target: string,
  { master, errorLog }: ProxyPaths,
): readonly string[] {
  if (kind === "haproxy") return [program, "-W", "-S", master, "-f", target];
  return [program, "-e", errorLog, "-c", target, "-g", "daemon off;"];
}

/** Searches PATH and the folders of administrators' programs. */
function findProxy(path: string, choice: ProxyChoice | undefined): InstalledProxy | undefined {
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

/** A port without a listener at the moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
