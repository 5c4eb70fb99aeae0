import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { StatusReport } from "../../lib/status/contract.ts";
import { eventually, throwAwayFolder } from "../support/process.ts";
import { read } from "../support/sources.ts";
import { tableIn } from "../support/tables.ts";
import { startEtcd } from "./etcd.ts";
import { printed, startSidekick } from "./sidekick.ts";
import { startZkCli } from "./zkcli.ts";
import { startZookeeper } from "./zookeeper.ts";

const page = (await read("docs/formats.md")).get("docs/formats.md") ?? "";

/** The entries of the page's example for a store, and its configuration with the URL of a real one. */
function example(store: string, documented: string, url: string) {
  const rows = tableIn(page, `key in ${store}`, "value", "is read as");
  const [, text = ""] =
    new RegExp(`\`\`\`yaml\n(keyspace: ${documented}[^]*?)\`\`\``).exec(page) ?? [];
  return { rows, configuration: text.replaceAll(documented, url) };
}

const instances = `{{#each services}}
{{#each instances}}
{{toJson this}}
{{/each}}
{{/each}}
`;

const urls = `{{#each (getvs "/bare/traefik/http/services/web/loadbalancer/servers/*/url")}}
{{this}}
{{/each}}
`;

interface Watching {
  /** The lines of a rendered file. */
  readonly lines: (name: string) => Promise<readonly string[]>;
  readonly status: () => Promise<StatusReport>;
  readonly sidekick: (...args: string[]) => Promise<string>;
}

/** Runs `sidekick watch` with a configuration. */
async function watching(t: TestContext, configuration: string): Promise<Watching> {
  const folder = await throwAwayFolder(t);
  await writeFile(join(folder, "instances.hbs"), instances);
  await writeFile(join(folder, "urls.hbs"), urls);
  await writeFile(join(folder, "sidekick.yaml"), configuration);
  startSidekick(t, ["watch", "-c", "sidekick.yaml"], { cwd: folder });
  const sidekick = async (...args: string[]) =>
    await printed(t, [...args, "-c", "sidekick.yaml"], { cwd: folder });
  const status = async (): Promise<StatusReport> =>
    await eventually("the files are in sync", async () => {
      const report = JSON.parse((await sidekick("status", "--json")) || "{}") as StatusReport;
      const files = report.watch?.templates ?? [];
      return files.length > 0 && files.every(({ state }) => state === "in sync") && report;
    });
  const lines = async (name: string) =>
    (await readFile(join(folder, name), "utf8")).split("\n").filter(Boolean);
  return { lines, status, sidekick };
}

/** Asserts that the instances of a rendered file are those of the page's table, by their keys. */
function assertRead(lines: readonly string[], rows: ReturnType<typeof example>["rows"]): void {
  const found = new Map(lines.map((line) => JSON.parse(line)).map((one) => [one.key, one]));
  assert.equal(found.size, rows.length);
  for (const [stored = "", , text = ""] of rows) {
    const { key = stored, ...expected } = JSON.parse(text);
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual(found.get(key)?.[name], value, `${name} of ${key}`);
    }
  }
}

test("entries of Curator, Spring Cloud, Dubbo, Solr and Kafka in ZooKeeper are read as docs/formats.md has it", async (t) => {
  const { endpoint, url } = await startZookeeper(t);
  const { rows, configuration } = example("ZooKeeper", "zk://127.0.0.1:2181", url);
  const cli = await startZkCli(t, endpoint);
  const made = new Set<string>();
  const create = async (key: string, value = "") => {
    const parts = key.split("/").slice(1, -1);
    for (const [i] of parts.entries()) {
      const folder = `/${parts.slice(0, i + 1).join("/")}`;
      if (!made.has(folder)) await cli.run(`create ${folder}`);
      made.add(folder);
    }
    await cli.run(`create -e ${key}${value && ` '${value}'`}`);
  };
  for (const [key = "", value] of rows) await create(key, value);
  const bad = "/dubbo/com.foo.Bar/providers/dubbo%3A%2F%2F10.0.0.9";
  await create(`${bad}%3A0%2Fcom.foo.Bar`);
  await create(`${bad}%ZZ`);
  await create(
    "/services/orders/bad",
    '{"id":"bad","address":"10.0.0.9","port":8080,"payload":{"__proto__":{"zone":"a"}},"sslPort":"x"}',
  );
  await create("/services/orders/none", '{"id":"none","address":null,"port":8080}');
  await create("/solr/live_nodes/10.0.0.9_solr");

  const { lines, status, sidekick } = await watching(t, configuration);
  const { watch } = await status();
  const served = await lines("instances");
  assertRead(
    served.filter((line) => !line.includes("10.0.0.9")),
    rows,
  );
  const [odd] = served.filter((line) => line.includes("10.0.0.9"));
  assert.deepEqual(
    JSON.parse(odd ?? "{}").labels,
    {},
    "it has neither a valid SSL port nor labels",
  );
  assert.deepEqual(
    watch?.quarantined.map(({ key, why }) => `${key}: ${why}`),
    [
      `${bad}%3A0%2Fcom.foo.Bar: its port is 0: expected 1 to 65535`,
      `${bad}%ZZ: its name is "dubbo%3A%2F%2F10.0.0.9%ZZ": expected a URL that is URL-encoded`,
      "/services/orders/none: its host is missing: expected a host name or an IP address",
      "/solr/live_nodes/10.0.0.9_solr: it is empty: expected host:port, a URL or a JSON object",
    ],
  );
  const explained = await sidekick("explain", "bar/10.0.0.3:20880");
  assert.match(explained, /dubbo%3A%2F%2F10\.0\.0\.3%3A20880/);
});

test("keys of etcd without a slash are read, watched and shown under their own names", async (t) => {
  const { url, etcdctl } = await startEtcd(t);
  const { rows, configuration } = example("etcd", "etcd://127.0.0.1:2379", url);
  for (const [key = "", value = ""] of rows) await etcdctl("put", key, value);
  const traefik = "traefik/http/services/web/loadbalancer/servers";
  await etcdctl("put", `${traefik}/0/url`, "http://10.0.0.5:80");
  await etcdctl("put", "greeter/bad", '{"Op":0,"Addr":"10.0.0.9","Metadata":null}');
  await etcdctl("put", "greeter/long", `{"Addr":"10.0.0.9:1","Metadata":"${"x".repeat(70_000)}"}`);

  const { lines, status, sidekick } = await watching(t, configuration);
  const { watch } = await status();
  assertRead(await lines("instances"), rows);
  assert.deepEqual(await lines("urls"), ["http://10.0.0.5:80"]);
  assert.deepEqual(
    watch?.quarantined.map(({ key, why }) => `${key}: ${why.replace(/\d{5}/, "N")}`),
    [
      '/bare/greeter/bad: its Addr is "10.0.0.9": expected host:port',
      "/bare/greeter/long: its value has N bytes: watch.limits.value allows 65536",
    ],
  );

  await etcdctl("put", `${traefik}/1/url`, "http://10.0.0.6:80");
  await etcdctl("del", "services/web/a");
  await eventually("a change is rendered", async () => (await lines("urls")).length === 2);
  await eventually("a removal is rendered", async () => {
    const keys = (await lines("instances")).map((line) => JSON.parse(line).key);
    return keys.includes("/services/web/a") && !keys.includes("/bare/services/web/a");
  });
  assert.match(
    await sidekick("explain", "greeter/10.0.0.2:8080"),
    /\/bare\/greeter\/10\.0\.0\.2:8080/,
  );
  assert.equal(
    await printed(t, ["ls", `${url}?slashless`, "/greeter"]),
    "/greeter/10.0.0.2:8080\n/greeter/bad\n/greeter/long\n",
  );
  assert.equal(
    await printed(t, [
      "get",
      `${url}?slashless`,
      "/traefik/http/services/web/loadbalancer/servers/0/url",
    ]),
    "http://10.0.0.5:80\n",
  );
  assert.equal(
    await sidekick("get", "/bare/greeter/bad"),
    '{"Op":0,"Addr":"10.0.0.9","Metadata":null}\n',
  );
});
