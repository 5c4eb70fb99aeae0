import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fetchOnce } from "../support/http.ts";
import { listen } from "../support/listen.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { shortTimeouts, startHaproxy } from "./haproxy.ts";
import { printed, sidekick, startSidekick } from "./sidekick.ts";

/** A kind of proxy that changes weights without a reload. */
interface Kind {
  /** The name of the file in a folder. */
  readonly target: string;
  /** A template that listens at a port. */
  readonly template: (folder: string, port: number) => string;
  /** The settings of the proxy. */
  readonly proxy: (folder: string) => object;
  /** Starts it; `process` identifies what a reload would replace. */
  readonly start: (
    t: TestContext,
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

/** A watcher with policies, a proxy, and instances at addresses of 127.0.0.0/8 that answer with their last number. */
async function scene(t: TestContext, { target, template, proxy, start }: Kind, policies: object) {
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
  const options = { cwd: folder };
  const argv = ["-c", "sidekick.yaml"];
  return {
    put,
    watchOnce: async () => {
      const { code, output } = await sidekick(t, ["watch", "--once", ...argv], options);
      assert.equal(code, 0, output);
    },
    text: () => readFile(join(folder, target), "utf8"),
    start: () => start(t, join(folder, target)),
    watch: () => startSidekick(t, ["watch", ...argv], options),
    explain: (n: number) => printed(t, ["explain", "-c", "sidekick.yaml", `web/i${n}`], options),
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
for (const [name, kind] of Object.entries({ haproxy })) {
  test(`${name}: a new server gets ever more requests, and another zone none, without a reload`, async (t) => {
    const policies = {
      slowStart: { window: "5s" },
      zones: { value: "a" },
    };
    const { put, watchOnce, start, watch, explain, share, text } = await scene(t, kind, policies);
    for (const n of [2, 3, 4]) await put(n, "a");
    await put(9, "b");
    await watchOnce();
    const { process } = await start();
    const watcher = watch();
    const applied = () => [...watcher.output().matchAll(/"event":"applied"/g)].length;
    await eventually("it is in sync", () => applied() > 0);
    const worker = await process();
    await put(5, "a");
    const weightOf = async (n: number) => {
      const [, weight] =
        new RegExp(` 127\\.0\\.0\\.${n}:\\d+ weight (\\d+)`).exec(await text()) ?? [];
      return weight === undefined ? undefined : Number(weight);
    };
    await eventually("the new one has a part", async () => (await weightOf(5)) !== undefined);
    const first = await share(5, 60);
    assert.match(
      await explain(5),
      /has it with weight \d+ of 256: (slow start \S+ of 5s; )?zone a is preferred/,
    );
    assert.match(await explain(9), /lacks it: zone b: zone a has enough/);
    await eventually("it has all of its weight", async () => (await weightOf(5)) === 256);
    const last = await share(5, 40);
    assert.ok(Math.abs(last - 0.25) < 0.03, `${last}`);
    assert.ok(first <= last, `${first} and ${last}`);
    assert.equal(await share(9, 8), 0);
    assert.equal(await process(), worker, "without a reload");
    const [, ...later] = [...watcher.output().matchAll(/"applied":"(\w+)/g)].map(([, how]) => how);
    assert.deepEqual([...new Set(later)], ["adjusted"]);
  });
}
