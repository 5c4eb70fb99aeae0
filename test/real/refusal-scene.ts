import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { fetchOnce } from "../support/http.ts";
import { atEnd, eventually, freePort, type Running, throwAwayFolder } from "../support/process.ts";
import {
  type AgentState,
  type Probes,
  probesOf,
  stateOf,
  steadying,
  warningsIn,
} from "./agent-state.ts";
import { type Etcd, startEtcd } from "./etcd.ts";
import { startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { sidekick, startSidekick } from "./sidekick.ts";

export type Kind = "haproxy" | "nginx" | "command";

/** A watcher that renders one file for one program, which answers with the version that it has loaded. */
export interface RefusalScene {
  readonly kind: Kind;
  readonly folder: string;
  /** The folder of the target: a small file system of its own. */
  readonly etc: string;
  put(key: string, value: string): Promise<void>;
  /** Registers clean-up for the end of the test. */
  afterwards(cleanup: () => unknown): void;
  /** The served version; `nothing` if no server responds. */
  served(): Promise<string>;
  /** The version in the file. */
  onDisk(): Promise<string>;
  /** The log so far. */
  log(): string;
  status(): Promise<string>;
  /** Everything that the agent reports of itself. */
  state(): Promise<AgentState>;
  probes(): Promise<Probes>;
  /** Whether the probes succeed and `sidekick status` exits with 0. */
  isHealthy(): Promise<boolean>;
  /** The warnings and errors in a part of the log, without the parts that differ from one run to the next. */
  warnings(log: string): readonly string[];
  /** Kills the proxy with all its processes. */
  kill(): Promise<void>;
  startProxy(): Promise<void>;
  /** Sends a signal to the proxy and all its processes. */
  signalProxy(signal: NodeJS.Signals): void;
  /** The process id of the agent. */
  readonly agent: number;
  /** The keyspace, if it is an etcd. */
  readonly etcd: Etcd | undefined;
}

/** What differs from the usual scene. */
export interface RefusalSetting {
  /** No check command is configured. */
  readonly unchecked?: true;
  /** The keyspace is an etcd and not a folder. */
  readonly inEtcd?: true;
}

/** A kind of proxy: its template, the check command for its file, and its settings in the watcher. */
interface ProxyKind {
  readonly template: string;
  readonly check: string;
  readonly proxy: string;
  start(t: TestContext, config: string): Promise<Running | undefined>;
  served(): Promise<string>;
}

function proxyKind(kind: Kind, folder: string, etc: string, port: number): ProxyKind {
  const served = async () => (await fetchOnce(`http://127.0.0.1:${port}/`)).body;
  const version = '{{getv "/app/version"}}';
  const extra = '{{{getv "/app/extra" ""}}}';
  const kinds: Readonly<Record<Kind, ProxyKind>> = {
    haproxy: {
      template: `global
  stats socket ${etc}/admin.sock mode 660 level admin expose-fd listeners
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend it
  bind 127.0.0.1:${port}
  ${extra}
  http-request return status 200 content-type text/plain string ${version}
`,
      check: 'exec haproxy -c -f "$1"',
      proxy: `{ type: haproxy, master: ${etc}/master.sock, timeout: 5s }`,
      start: async (t, config) => (await startHaproxy(t, { config })).process,
      served,
    },
    nginx: {
      template: `pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
worker_processes 1;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    ${extra}
    location / { return 200 ${version}; }
  }
}
`,
      check: 'exec nginx -t -c "$1"',
      proxy: `{ type: nginx, pidFile: ${folder}/nginx.pid, minInterval: 0s, timeout: 5s }`,
      start: async (t, config) =>
        (await startNginx(t, { config, pidFile: join(folder, "nginx.pid") })).process,
      served,
    },
    command: {
      template: `${version}\n${extra}\n`,
      check: "exit 0",
      proxy: "{ type: command, run: [./notify], timeout: 500ms }",
      start: async () => undefined,
      served: async () => (await readFile(join(folder, "served"), "utf8")).split("\n")[0] ?? "",
    },
  };
  return kinds[kind];
}

/** A watcher that serves version v1. */
export async function refusalScene(
  t: TestContext,
  kind: Kind,
  { unchecked, inEtcd }: RefusalSetting,
): Promise<RefusalScene> {
  const folder = await throwAwayFolder(t);
  const etc = await smallFileSystem(t);
  const target = join(etc, "target");
  const [proxyPort, port] = [await freePort(), await freePort()];
  const settings = proxyKind(kind, folder, etc, proxyPort);
  const store = inEtcd && (await startEtcd(t));
  const put = async (key: string, value: string) => {
    if (store) await store.etcdctl("put", `/app/${key}`, value);
    else await writeFile(join(folder, "keys/app", key), value);
  };
  const script = async (name: string, line: string) => {
    await writeFile(join(folder, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(folder, name), 0o755);
  };
  await mkdir(join(folder, "keys/app"), { recursive: true });
  await put("version", "v1");
  await put("extra", "");
  await script("check", settings.check);
  await script("notify", `cp ${target} served`);
  await writeFile(join(folder, "template.hbs"), settings.template);
  const check = unchecked ? "" : '      check: { run: [./check, "{candidate}"], timeout: 500ms }';
  const config = [
    `keyspace: ${store?.url ?? "file:./keys"}`,
    `status: { listen: "127.0.0.1:${port}" }`,
    "watch:",
    "  retry: { first: 100ms, atMost: 300ms }",
    "  templates:",
    "    - source: template.hbs",
    `      target: ${target}`,
    "      prefixes: [/app]",
    check,
    `      proxy: ${settings.proxy}`,
  ];
  await writeFile(join(folder, "sidekick.yaml"), config.filter(Boolean).join("\n"));

  const watching = startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const onDisk = async () => /\bv[12]\b/.exec(await readFile(target, "utf8"))?.[0] ?? "none";
  const served = async () => await settings.served().catch(() => "nothing");
  await eventually("the first file is written", async () => (await onDisk()) === "v1");
  let proxy = await settings.start(t, target);
  const signalProxy = (signal: NodeJS.Signals) => proxy && process.kill(-proxy.pid, signal);
  const steady = steadying({ [folder]: "/app", [etc]: "/etc/proxy" }, [proxyPort, port]);
  await eventually("the file is applied", () => /"event":"applied"/.test(watching.output()));
  await eventually("the proxy answers", async () => (await served()) === "v1");
  const status = () => sidekick(t, ["status", "-c", "sidekick.yaml"], { cwd: folder });
  const probes = () => probesOf(port);
  return {
    kind,
    folder,
    etc,
    put,
    afterwards: (cleanup) => atEnd(t, cleanup),
    served,
    onDisk,
    log: watching.output,
    status: async () => (await status()).output,
    state: () => stateOf(t, { folder, port, steady }),
    probes,
    isHealthy: async () => {
      const { healthz, readyz } = await probes();
      return healthz === 200 && readyz === 200 && (await status()).code === 0;
    },
    warnings: (log) => warningsIn(log, steady),
    kill: async () => {
      signalProxy("SIGKILL");
      await proxy?.ended;
    },
    startProxy: async () => {
      proxy = await settings.start(t, target);
    },
    signalProxy,
    agent: watching.pid,
    etcd: store,
  };
}

/** A small file system, which a test can fill. */
async function smallFileSystem(t: TestContext): Promise<string> {
  const etc = await mkdtemp(join(tmpdir(), "sidekick-etc-"));
  await promisify(execFile)("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", etc]);
  atEnd(t, async () => {
    await promisify(execFile)("umount", ["--lazy", etc]);
    await rmdir(etc);
  });
  return etc;
}
