import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { eventually, freePort, throwAwayFolder } from "../support/process.ts";
import { startEtcd } from "./etcd.ts";
import { shortTimeouts } from "./haproxy.ts";
import { printed, sidekick, startSidekick } from "./sidekick.ts";
import { watchedHaproxy } from "./watched-haproxy.ts";

interface Listed {
  readonly generations: readonly {
    readonly n: number;
    readonly how: string;
    readonly cause: { readonly keys: readonly Record<string, string>[] };
    readonly refused?: { readonly message: string; readonly keys: readonly string[] };
  }[];
}

test("history names the key of a change with its revision and owner, and is readable after kill -9", async (t) => {
  const folder = await throwAwayFolder(t);
  const etcd = await startEtcd(t);
  const port = await freePort();
  const template = `${shortTimeouts}frontend it
  bind 127.0.0.1:${port}
  default_backend web
backend web
  balance {{getv "/app/balance" "roundrobin"}}
{{#each (instances "web")}}  server {{server}} {{address}}
{{/each}}`;
  const text = template.replace(/\{\{getv.*\}\}/, "roundrobin").replace(/\{\{#each[\s\S]*/, "");
  const watch = { snapshotCache: "./cache/snapshot", retry: { first: "200ms", atMost: "1s" } };
  const more = { prefixes: ["/services", "/app"] };
  const { config } = await watchedHaproxy(t, folder, etcd.url, { template, text, watch, more });
  const agent = startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const ask = async (...args: readonly string[]) =>
    await printed(t, [...args, "-c", "sidekick.yaml"], { cwd: folder });
  const listed = async (count: number) =>
    await eventually(`${count} generations`, async () => {
      const output = await ask("history", "haproxy.cfg", "--json");
      const { generations } = output === "" ? { generations: [] } : (JSON.parse(output) as Listed);
      return generations.length >= count ? generations : undefined;
    });
  await listed(1);

  const [, lease = ""] =
    /lease (\S+) granted/.exec(await etcd.etcdctl("lease", "grant", "600")) ?? [];
  const key = "/services/web/127.0.0.1:8080";
  await etcd.etcdctl("put", "--lease", lease, key, "127.0.0.1:8080");
  const [first, put] = await listed(2);
  assert.ok(first && put);
  const { kvs } = JSON.parse(await etcd.etcdctl("get", key, "-w", "json"));
  const revision = String(kvs[0].mod_revision);
  assert.equal(put.cause.keys.length, 1);
  const [{ owner = "", ...named } = {}] = put.cause.keys;
  assert.deepEqual(named, { key, op: "put", revision, after: "127.0.0.1:8080" });
  assert.equal(BigInt(owner), BigInt(`0x${lease}`));
  assert.match(agent.stderr(), new RegExp(`"event":"applied".*"cause":"${key}@${revision}`));

  await etcd.etcdctl("put", "/app/balance", "sideways");
  const [, , refused] = await listed(3);
  assert.equal(refused?.how, "refused");
  assert.match(refused.refused?.message ?? "", /balance only supports/);
  assert.deepEqual(refused.refused?.keys, ["/app/balance"]);
  assert.deepEqual(
    refused.cause.keys.map((one) => one.key),
    ["/app/balance"],
  );
  await etcd.etcdctl("put", "/app/balance", "leastconn");
  const running = await listed(4);
  assert.match(await ask("history"), /haproxy\.cfg {2}reloaded.* {2}\+ \/app\/balance@\d+\n$/);

  await agent.stop("SIGKILL");
  assert.deepEqual(await listed(4), running);
  const last = running.at(-1)?.n ?? 0;
  const diff = await ask("diff", String(last));
  assert.match(diff, /^--- .*haproxy\.cfg\tgeneration 2$/m);
  assert.match(diff, /^-\s+balance roundrobin$/m);
  assert.match(diff, /^\+\s+balance leastconn$/m);
  assert.match(await ask("diff", String(last), "3"), /^-\s+balance sideways$/m);
  assert.match(await readFile(config, "utf8"), /balance leastconn/);

  const unknown = await sidekick(t, ["diff", "99", "-c", "sidekick.yaml"], { cwd: folder });
  assert.equal(unknown.code, 2);
  assert.match(unknown.output, /there is no generation 99 in the journal: the latest is 4/);
});
