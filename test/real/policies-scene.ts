import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { freePort, start as startProcess, throwAwayFolder } from "../support/process.ts";
import { shortTimeouts, startHaproxy } from "./haproxy.ts";
import { startNginx } from "./nginx.ts";
import { main } from "./sidekick.ts";

/** A test, or a program that measures. */
type Scope = Pick<TestContext, "after">;

/** A kind of proxy that changes weights without a reload. */
export interface Kind {
  /** The name of the file in a folder. */
  readonly target: string;
  /** A template that listens at a port. */
  readonly template: (folder: string, port: number) => string;
  /** The variables of the watcher. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
  /** The settings of the proxy. */
  readonly proxy: (folder: string) => object;
  /** Starts it; `process` identifies what a reload would replace. */
  readonly start: (
    t: Scope,
    config: string,
  ) => Promise<{ readonly process: () => Promise<number> }>;
}

const haproxy: Kind = {
  target: "haproxy.cfg",
  template: (folder, port) => `global
  stats socket ${folder}/admin.sock mode 660 level admin expose-fd listeners
${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance roundrobin
{{#each (instances "web")}}
  server {{server}} {{address}} weight {{weight}}
{{/each}}
`,
  proxy: (folder) => ({ type: "haproxy", master: `${folder}/master.sock` }),
  start: async (t, config) => {
    const { worker } = await startHaproxy(t, { config });
    return { process: worker };
  },
};

const nginxLive: Kind = {
  target: "nginx.conf",
  template: (folder, port) => `include /etc/nginx/modules-enabled/*.conf;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
{{> nginx-live}}
{{#each services}}
{{> nginx-live-upstream this}}
{{/each}}
  server {
    listen 127.0.0.1:${port};
    location / {
      access_by_lua_block { sidekick.access("web") }
      proxy_pass http://web;
    }
  }
}
`,
  env: (folder) => ({ NGINX_CONTROL: `unix:${folder}/control.sock` }),
  proxy: (folder) => ({
    ...{ type: "nginx", pidFile: `${folder}/nginx.pid` },
    control: `unix:${folder}/control.sock`,
  }),
  start: async (t, config) => {
    const pidFile = join(dirname(config), "nginx.pid");
    const { workers } = await startNginx(t, { config, pidFile });
    return { process: async () => (await workers())[0] ?? 0 };
  },
};

/** A watcher with policies, a proxy, and instances at addresses of 127.0.0.0/8 that answer with their last number. */
export async function policiesScene(
  t: Scope,
  { target, template, env, proxy, start }: Kind,
  policies: object,
) {
  const [folder, port] = [await throwAwayFolder(t), await freePort()];
  const app = createServer((request, response) => {
    response.end(request.socket.localAddress?.split(".").at(-1));
  });
  const appPort = await listen(t, app, "0.0.0.0");
  const keys = join(folder, "keys/services/web");
  await mkdir(keys, { recursive: true });
  const put = (n: number, zone: string, more: object = {}) => {
    const value = { host: `127.0.0.${n}`, port: appPort, labels: { zone }, ...more };
    return writeFile(join(keys, `i${n}`), JSON.stringify(value));
  };
  await writeFile(join(folder, "t.hbs"), template(folder, port));
  const settings = {
    keyspace: "file:./keys",
    status: { socket: "./agent.sock" },
    watch: {
      policies,
      templates: [{ source: "t.hbs", target, proxy: proxy(folder) }],
    },
  };
  await writeFile(join(folder, "sidekick.yaml"), JSON.stringify(settings));
  const sidekick = (...args: readonly string[]) =>
    startProcess(t, [...main, ...args], { cwd: folder, env: env?.(folder) ?? {} });
  const argv = ["-c", "sidekick.yaml"];
  return {
    put,
    watchOnce: async () => {
      const once = sidekick("watch", "--once", ...argv);
      assert.equal(await once.ended, 0, once.output());
    },
    text: () => readFile(join(folder, target), "utf8"),
    start: () => start(t, join(folder, target)),
    watch: () => sidekick("watch", ...argv),
    explain: async (n: number) => {
      const explaining = sidekick("explain", ...argv, `web/i${n}`);
      await explaining.ended;
      return explaining.output();
    },
    /** The share of so many requests that an instance gets. */
    share: async (n: number, requests: number) => {
      let count = 0;
      for (let i = 0; i < requests; i += 1) {
        const { body } = await fetchOnce(`http://127.0.0.1:${port}/`);
        if (body === String(n)) count += 1;
      }
      return count / requests;
    },
  };
}

/** The ones that change weights at run time: each is given the same. */
export const kinds: Readonly<Record<string, Kind>> = {
  haproxy,
  "nginx-live": nginxLive,
};
