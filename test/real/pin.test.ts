import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { watchersFolder } from "../../lib/model/watcher-entry.ts";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts } from "./haproxy.ts";
import { printed, sidekick, startApp, startSidekick } from "./sidekick.ts";
import { watchedHaproxy } from "./watched-haproxy.ts";

test("haproxy: a pinned generation is served under traffic, honours a drain, survives kill -9 and ends by itself", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const [port, one, two] = [await freePort(), await startApp(t, "one"), await startApp(t, "two")];
  const head = (balance: string) => `${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance ${balance}
`;
  const template = `${head('{{getv "/app/balance" "roundrobin"}}')}{{#each (instances "web")}}  server {{server}} {{address}} weight {{weight}}
{{/each}}`;
  const { config, haproxy } = await watchedHaproxy(t, folder, etcd.url, {
    ...{ template, text: head("roundrobin") },
    ...{ watch: { snapshotCache: "./cache/snapshot" }, more: { prefixes: ["/services", "/app"] } },
  });
  const { master, send } = haproxy;
  const key = (app: typeof one) => `/services/web/127.0.0.1:${app.port}`;
  const weigh = (app: typeof one, weight: number) =>
    etcd.etcdctl("put", key(app), JSON.stringify({ host: "127.0.0.1", port: app.port, weight }));
  await weigh(one, 10);
  await weigh(two, 10);
  const watch = () => startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const ask = (...args: readonly string[]) =>
    sidekick(t, [...args, "-c", "sidekick.yaml"], { cwd: folder });
  const has = (pattern: RegExp) =>
    eventually(`the file has ${pattern}`, async () => pattern.test(await readFile(config, "utf8")));
  const drained = async () => {
    const { kvs = [] } = JSON.parse(
      await etcd.etcdctl("get", "--prefix", watchersFolder, "-w=json"),
    );
    const values = kvs.map(({ value }: { value: string }) =>
      Buffer.from(value, "base64").toString(),
    );
    return values.flatMap((text: string) => Object.keys(JSON.parse(text).drained));
  };
  const weightOf = async (app: typeof one) => {
    const lines = (await send(master, "@1 show servers state web")).split("\n");
    const line = lines
      .map((text) => text.split(" "))
      .find((words) => words[18] === String(app.port));
    return Number(line?.[7]);
  };
  let agent = watch();
  await has(new RegExp(`:${two.port} weight 10`));
  await eventually("haproxy has the servers", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.ok && (await weightOf(two)) === 10;
  });
  const traffic = { failed: 0, stop: false };
  const sending = (async () => {
    for (; !traffic.stop; await new Promise((resolve) => setTimeout(resolve, 20))) {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      if (!answer?.ok) traffic.failed += 1;
      await answer?.arrayBuffer();
    }
  })();

  await etcd.etcdctl("put", "/app/balance", "leastconn");
  await has(/balance leastconn/);
  assert.equal((await ask("pin", "99", "--reason", "x")).code, 2);
  const { code, output } = await ask("pin", "1", "--for", "1h", "--reason", "it is slow");
  assert.equal(code, 0, output);
  assert.match(output, /haproxy\.cfg is pinned to generation 1 until 2/);
  await has(/balance roundrobin/);
  await etcd.etcdctl("put", "/app/balance", "random");
  await weigh(one, 0);
  await eventually("the drain is acknowledged", async () => (await drained()).includes(key(one)));
  assert.equal(await weightOf(one), 0);
  assert.equal(await weightOf(two), 10);
  await has(/balance roundrobin/);

  await agent.stop("SIGKILL");
  agent = watch();
  const state = await eventually("the restarted agent is ready", async () => {
    const text = await printed(t, ["status", "--json", "-c", "sidekick.yaml"], { cwd: folder });
    const report = text === "" ? undefined : JSON.parse(text);
    return report?.ready ? report : undefined;
  });
  const [{ pinned }] = state.watch.templates;
  assert.deepEqual([pinned.generation, pinned.reason], [1, "it is slow"]);
  await has(/balance roundrobin/);
  await eventually("it is acknowledged again", async () => (await drained()).includes(key(one)));

  const again = await ask("pin", "1", "--for", "2s", "--reason", "for a moment");
  assert.equal(again.code, 0, again.output);
  await has(/balance random/);
  await eventually("nothing is pinned", async () => (await ask("status")).code === 0);
  assert.match((await ask("history")).output, /unpin/);
  traffic.stop = true;
  await sending;
  assert.equal(traffic.failed, 0);
});
