import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { never } from "../../lib/base/signal.ts";
import type { Session } from "../../lib/keyspace/contract.ts";
import { encode } from "../../lib/model/encode.ts";
import type { Instance } from "../../lib/model/instance.ts";
import { Signer } from "../../lib/presence/signer.ts";
import { found } from "../lib/discover/docker/docker-run.ts";
import { outputOf, throwAwayFolder } from "../support/process.ts";
import { root } from "../support/sources.ts";
import { startEtcd } from "./etcd.ts";
import { isFault, opening } from "./keyspace.ts";
import { printed } from "./sidekick.ts";

/** What a host of the service `web` registers that is not its own to register. */
const attacks = [
  {
    title: "`web` at the admin port of the proxy",
    service: "web",
    id: "x",
    host: "127.0.0.1",
    port: 9999,
  },
  {
    title: "`web` at the metadata service",
    service: "web",
    id: "y",
    host: "169.254.169.254",
    port: 80,
  },
  {
    title: "`payments` at the host of another service",
    service: "payments",
    id: "x",
    host: "10.3.0.7",
    port: 8443,
  },
];

/** A container on a host of `web`, as its agent discovers it. */
const container = "-p 8443:80 -l SERVICE_NAME=payments evil/web:1";
const names = { payments: { image: "registry/pay*" } };
const claims = (settings: object) =>
  found(container, { ip: "10.1.0.5", ...settings }).found.map(({ instance }) => instance);

const claimTitle = "`payments` by a label of a container on a host of `web`";
const genuine = { service: "payments", id: "10.2.0.1:8443", host: "10.2.0.1", port: 8443 };

const keys = { web: generateKeyPairSync("ed25519"), pay: generateKeyPairSync("ed25519") };

function signed(keyName: keyof typeof keys, key: string, value: string): string {
  const settings = { keyFile: "", keyName, validityMs: 3_600_000 };
  return new Signer(settings, keys[keyName].privateKey).sign(key, value);
}

const publicKey = (name: keyof typeof keys) =>
  keys[name].publicKey.export({ type: "spki", format: "der" }).toString("base64");

const inStore = "rights in the store";

/** By the heading of the column in docs/trust.md, the settings of the watcher. */
const watchers = {
  default: "root: /open",
  "`watch.trust`":
    "root: /open, trust: { services: { web: { hosts: [10.1.0.0/16] }, payments: { hosts: [10.2.0.0/16] } } }",
  [inStore]: "root: /rights",
  "signed entries": `root: /open, trust: { keys: { web: { public: "${publicKey("web")}", services: [web] }, pay: { public: "${publicKey("pay")}", services: [payments] } } }`,
};

test("attacks are served or refused as docs/trust.md has it, for each way of limiting them", async (t) => {
  const folder = await throwAwayFolder(t);
  const { url, endpoint, etcdctl } = await startEtcd(t);
  await etcdctl("user", "add", "root:rootpw");
  await etcdctl("user", "grant-role", "root", "root");
  await writeFile(join(folder, "web.password"), "webpw\n");
  const options = ["--prefix", "/rights/services", "--service", "web", "--user", "web"];
  const script = await printed(t, ["access", "etcd", ...options], { cwd: folder });
  await outputOf(["sh", "-c", script], { cwd: folder, env: { ETCDCTL_ENDPOINTS: endpoint } });
  await etcdctl("auth", "enable");

  const as = async (user: string) =>
    await (await opening(t, { url, user, password: `${user}pw` })).open(60_000, never);
  const [unlimited, web] = [await as("root"), await as("web")];
  const denied = new Set<string>();
  const write = async (
    session: Session,
    key: string,
    keyName: keyof typeof keys,
    one: Instance,
  ) => {
    const put = session.put(key, signed(keyName, key, encode(one, "json")), never);
    const isDenied = await put.then(() => false, isFault("KEYSPACE_PERMISSION_DENIED"));
    if (isDenied) denied.add(key);
  };
  const register = async (one: Instance, keyName: keyof typeof keys = "web") => {
    const path = `/services/${one.service}/${one.id}`;
    await write(unlimited, `/open${path}`, keyName, one);
    await write(keyName === "web" ? web : unlimited, `/rights${path}`, keyName, one);
  };
  await register(genuine, "pay");
  const [claim] = claims({});
  assert.ok(claim);
  const all = [...attacks, { ...claim, title: claimTitle }];
  for (const { title: _, ...one } of all) await register(one);

  await writeFile(
    join(folder, "list.hbs"),
    "{{#each services}}{{#each instances}}{{service}} {{host}}:{{port}}\n{{/each}}{{/each}}",
  );
  const cells = new Map<string, string[]>();
  for (const [column, settings] of Object.entries(watchers)) {
    await writeFile(
      join(folder, "watch.yaml"),
      `keyspace: { url: "${url}", user: root, password: rootpw }\nwatch: { ${settings}, templates: [{ source: list.hbs, target: list }] }\n`,
    );
    const list = (await printed(t, ["render", "-c", "watch.yaml"], { cwd: folder })).split("\n");
    assert.ok(list.includes("payments 10.2.0.1:8443"), `${column}: ${list.join(", ")}`);
    for (const { title, service, id, host, port } of all) {
      const isDenied = denied.has(`/rights/services/${service}/${id}`) && column === inStore;
      const state = stateOf(list.includes(`${service} ${host}:${port}`), isDenied);
      cells.set(title, [...(cells.get(title) ?? []), state]);
    }
  }
  const table = tableOf(cells);
  const page = await readFile(join(root, "docs/trust.md"), "utf8");
  assert.ok(page.includes(table), `docs/trust.md lacks this table:\n${table}`);
  await Promise.all([unlimited.close(), web.close()]);
});

function stateOf(isServed: boolean, isDenied: boolean): string {
  if (isServed) return "served";
  return isDenied ? "refused by the store" : "quarantined";
}

/** The table with a column more: the rules of an agent for its containers. */
function tableOf(cells: ReadonlyMap<string, readonly string[]>): string {
  const isRegistered = (title: string) => title !== claimTitle || claims({ names }).length > 0;
  const rows = Array.from(cells, ([title, states]) => [
    ...[title, ...states],
    isRegistered(title) ? (states[0] ?? "") : "not registered",
  ]);
  const headings = ["attack", ...Object.keys(watchers), "`presence.docker.names`"];
  const lines = [headings, headings.map(() => "---"), ...rows];
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
