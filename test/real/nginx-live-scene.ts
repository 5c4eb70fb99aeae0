import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { makeCertificates } from "./certificates.ts";
import { startNginx } from "./nginx.ts";
import { startSidekick } from "./sidekick.ts";

/** An application at every address of 127.0.0.0/8, which answers with the last number of its address; with that, it upgrades. */
async function startApplication(t: TestContext) {
  const app = createServer((request, response) => {
    if (request.url?.includes("refuse")) response.statusCode = 500;
    request.resume().on("end", () => response.end(request.socket.localAddress?.split(".").at(-1)));
  });
  app.on("upgrade", (_, socket) => {
    socket.on("error", () => {});
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n",
    );
    socket.pipe(socket);
  });
  return await listen(t, app, "0.0.0.0");
}

/** A watcher of the shipped nginx-live.conf.hbs with TLS, a directory as its keyspace, and nginx. */
export async function nginxLiveScene(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const folder = await throwAwayFolder(t);
  const out = join(folder, "out");
  await mkdir(out);
  await mkdir(join(folder, "keys/services/web"), { recursive: true });
  const [config, pidFile] = [join(out, "nginx.conf"), join(out, "nginx.pid")];
  const control = join(out, "control.sock");
  const [app, plain, tls] = [await startApplication(t), await freePort(), await freePort()];
  const { server } = await makeCertificates(folder, ["127.0.0.1"]);
  await writeFile(
    join(folder, "sidekick.yaml"),
    `keyspace: file:./keys
watch:
  retry: { first: 100ms, atMost: 300ms }
  drift: repair
  templates:
    - source: nginx-live.conf.hbs
      target: ${config}
      check: [nginx, -t, -q, -c, "{candidate}"]
      proxy: { type: nginx, pidFile: ${pidFile}, control: "unix:${control}" }
`,
  );
  const options = {
    cwd: folder,
    env: {
      PROXY_LISTEN: `127.0.0.1:${plain}`,
      NGINX_PID: pidFile,
      NGINX_ERROR_LOG: join(out, "error.log"),
      NGINX_CONTROL: `unix:${control}`,
      NGINX_TLS_LISTEN: `127.0.0.1:${tls}`,
      NGINX_TLS_CERTIFICATE: server.cert,
      NGINX_TLS_KEY: server.key,
      ...env,
    },
  };
  const entry = (at: number) => join(folder, "keys/services/web", `web-${at}`);
  const put = async (at: number, more: object = {}) => {
    const text = JSON.stringify({ host: `127.0.0.${at}`, port: app, ...more });
    await writeFile(entry(at), text);
  };
  await put(2);
  const watch = () => startSidekick(t, ["watch", "-c", "sidekick.yaml"], options);
  const once = startSidekick(t, ["watch", "--once", "-c", "sidekick.yaml"], options);
  if ((await once.ended) !== 0) throw new Error(once.output());
  const url = `http://127.0.0.1:${plain}/`;
  const request = async (path = "") => await fetchOnce(url + path);
  /** Waits until these instances answer, and no others. */
  const serves = (...expected: readonly number[]) =>
    eventually(`${expected} answer`, async () => {
      const answers = new Set<string>();
      for (let i = 0; i < 2 * expected.length + 2; i += 1) answers.add((await request()).body);
      return `${[...answers].map(Number).sort()}` === `${expected}`;
    });
  const fileHas = (...expected: readonly number[]) =>
    eventually(`the file has ${expected}`, async () => {
      const found = (await readFile(config, "utf8")).matchAll(
        /^ +"127\.0\.0\.(\d+):.*weight=[1-9]/gm,
      );
      return `${Array.from(found, ([, at]) => at)}` === `${expected}`;
    });
  /** Asks the control server, as a person or another program may. */
  const ask = async (path: string, method = "GET", body = "") => {
    const { request: send } = await import("node:http");
    return await new Promise<string>((resolve, reject) => {
      const sent = send({ socketPath: control, path, method, agent: false }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        response.on("end", () => resolve(text));
      });
      sent.on("error", reject).end(body);
    });
  };
  const loadOf = async () => /^load (\S+)$/m.exec(await ask("/"))?.[1] ?? "";
  /** What the entry of the watcher acknowledges. */
  const acknowledged = async () => {
    const path = join(folder, "keys/sidekick/watchers");
    const names = await readdir(path).catch(() => []);
    const texts = await Promise.all(names.map((name) => readFile(join(path, name), "utf8")));
    return texts.join("\n");
  };
  const nginx = () => startNginx(t, { config, pidFile });
  return {
    ...{ folder, app, config, control, pidFile, url, tlsUrl: `https://127.0.0.1:${tls}`, plain },
    ...{ put, watch, nginx, request, serves, fileHas, ask, loadOf, acknowledged },
    remove: (at: number) => rm(entry(at)),
    http2: () => connectHttp2(`https://127.0.0.1:${tls}`, { rejectUnauthorized: false }),
    deadPort: async () => await freePort(),
  };
}
