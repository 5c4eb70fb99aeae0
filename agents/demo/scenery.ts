import { accessSync, constants } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";

/** A proxy that is installed here, and how the demo uses it. */
export interface Installed {
  readonly kind: "haproxy" | "nginx";
  readonly program: string;
}

/** An application of the demo. */
export interface App {
  readonly name: string;
  readonly port: number;
}

/** haproxy if it is installed, else nginx, else nothing: looked for where a shell and an administrator would. */
export function findProxy(path: string): Installed | undefined {
  const folders = [...path.split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const kind of ["haproxy", "nginx"] as const) {
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

/** As many ports as are asked for that nothing listens on at the moment. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  return await Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      await new Promise((resolve) => server.close(resolve));
      return typeof address === "object" && address !== null ? address.port : 0;
    }),
  );
}

/** Writes the configuration that a newcomer would write, and returns its text. */
export async function writeConfig(
  folder: string,
  apps: readonly App[],
  proxy: Installed | undefined,
): Promise<string> {
  await mkdir(join(folder, "run"));
  const template = proxy?.kind === "nginx" || !proxy ? "nginx.conf.hbs" : "haproxy.cfg.hbs";
  const target = join(folder, template.replace(".hbs", ""));
  const told = proxy && tell(proxy, folder);
  const text = [
    "keyspace: file:./keyspace",
    "presence:",
    "  ttl: 3s",
    "  services:",
    ...apps.flatMap(({ name, port }) => [
      `    - { name: web, host: 127.0.0.1, port: ${port}, instance: ${name}, checks: [`,
      "        { type: http, path: /healthz, interval: 300ms, timeout: 200ms, rise: 1, fall: 2 }] }",
    ]),
    "watch:",
    "  templates:",
    `    - source: ${template}`,
    `      target: ${target}`,
    ...(told ? told.map((line) => `      ${line}`) : []),
    "",
  ].join("\n");
  await writeFile(join(folder, "sidekick.yaml"), text);
  return text;
}

function tell({ kind, program }: Installed, folder: string): readonly string[] {
  if (kind === "haproxy") {
    return [
      `check: [${program}, -c, -f, "{candidate}"]`,
      `proxy: { type: haproxy, master: ${join(folder, "run", "master.sock")} }`,
    ];
  }
  return [
    `check: [${program}, -t, -q, -c, "{candidate}"]`,
    `proxy: { type: nginx, pidFile: ${join(folder, "run", "nginx.pid")} }`,
  ];
}
