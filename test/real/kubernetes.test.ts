import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Cell } from "../../lib/base/cell.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { Fault } from "../../lib/base/fault.ts";
import { follow } from "../../lib/keyspace/follow.ts";
import { openKeyspace } from "../../lib/keyspace/kinds.ts";
import { keyspaceSchema } from "../../lib/keyspace/schema.ts";
import type { Snapshot } from "../../lib/model/snapshot.ts";
import { KubernetesStandIn, type RawSlice } from "../stand-in/kubernetes.ts";
import { eventually, outputOf, start, throwAwayFolder } from "../support/process.ts";
import { oneOf, seeded } from "../support/random.ts";
import { makeCertificates } from "./certificates.ts";
import { printed, startSidekick } from "./sidekick.ts";

/** A slice of a service, with the endpoints that are ready and those that terminate and still serve. */
function sliceOf(
  name: string,
  ready: readonly string[],
  draining: readonly string[] = [],
): RawSlice {
  const service = name.split("-")[0] ?? name;
  const terminating = { ready: false, serving: true, terminating: true };
  const serving = { ready: true, serving: true, terminating: false };
  return {
    metadata: { name, labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    ports: [{ name: "", port: 80, protocol: "TCP" }],
    endpoints: [
      ...ready.map((address) => ({ addresses: [address], conditions: serving })),
      ...draining.map((address) => ({ addresses: [address], conditions: terminating })),
    ],
  };
}

/** An API server that requires the token in a file, over TLS. */
async function startApi(t: TestContext, settings: { readonly pageSize?: number } = {}) {
  const folder = await throwAwayFolder(t);
  const { server: tls } = await makeCertificates(folder, ["127.0.0.1"]);
  const api = new KubernetesStandIn({ tls, ...settings });
  const address = await api.start(t);
  const tokenFile = join(folder, "token");
  const useToken = async (token: string) => {
    await writeFile(tokenFile, `${token}\n`);
    api.tokens = new Set([token]);
  };
  await useToken("first");
  return { api, folder, address, ca: tls.ca, tokenFile, useToken };
}

test("a watcher follows EndpointSlices, also when a watch ends, a version expires, a token is rotated and the server fails", async (t) => {
  const { api, folder, address, ca, tokenFile, useToken } = await startApi(t);
  api.put("shop", sliceOf("web-a", ["10.0.0.1", "10.0.0.2"]));
  api.put("shop", sliceOf("other-a", ["10.9.9.9"]));
  api.put("elsewhere", sliceOf("web-a", ["10.8.8.8"]));
  const target = join(folder, "web.txt");
  await writeFile(
    join(folder, "web.hbs"),
    '{{#each (instances "web")}}{{address}} {{weight}}\n{{/each}}',
  );
  await writeFile(
    join(folder, "watch.yaml"),
    [
      "keyspace: file:./keys",
      "mounts:",
      `  /services: { url: kubernetes://${address}/shop, ca: ${ca}, tokenFile: ${tokenFile} }`,
      "watch:",
      `  templates: [{ source: web.hbs, target: ${target}, prefixes: [/services/web] }]`,
    ].join("\n"),
  );
  const options = { cwd: folder };
  startSidekick(t, ["watch", "-c", "watch.yaml"], options);
  const becomes = (what: string, ...lines: string[]) =>
    eventually(what, async () => {
      const text = await readFile(target, "utf8").catch(() => "");
      return text === lines.map((line) => `${line}\n`).join("") || undefined;
    });
  const watched = () => eventually("it watches", async () => api.watches > 0 || undefined);

  await becomes("the file has the ready endpoints", "10.0.0.1:80 1", "10.0.0.2:80 1");
  await watched();
  assert.ok(
    api.requests.every((request) =>
      request.includes(
        "namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name+in+%28web%29",
      ),
    ),
    `only the service that the template names is read: ${api.requests}`,
  );

  api.put("shop", sliceOf("web-a", ["10.0.0.1"], ["10.0.0.2"]));
  await becomes("one that terminates drains", "10.0.0.1:80 1", "10.0.0.2:80 0");
  api.put("shop", sliceOf("web-b", ["10.0.0.3"]));
  api.put("shop", sliceOf("web-a", ["10.0.0.1"]));
  await becomes("a second slice belongs to the service", "10.0.0.1:80 1", "10.0.0.3:80 1");

  const listed = () => api.requests.filter((request) => !request.includes("watch=1")).length;
  api.bookmark();
  const lists = listed();
  api.endWatches("end");
  api.put("shop", sliceOf("web-b", ["10.0.0.4"]));
  await becomes("a change between two watches is not lost", "10.0.0.1:80 1", "10.0.0.4:80 1");
  assert.equal(listed(), lists, "a watch that ends needs no list");
  const since = api.requests.flatMap((request) => /resourceVersion=(\d+)/.exec(request)?.[1] ?? []);
  assert.ok(Number(since.at(-1)) > Number(since[0]), `it goes on at the last version: ${since}`);

  await watched();
  api.endWatches("expired");
  api.remove("shop", "web-b");
  api.compact();
  await becomes("a version that has expired needs a list", "10.0.0.1:80 1");

  await watched();
  await useToken("second");
  api.endWatches("end");
  api.put("shop", sliceOf("web-b", ["10.0.0.5"]));
  await becomes("the rotated token is used", "10.0.0.1:80 1", "10.0.0.5:80 1");

  await watched();
  const status = async () =>
    JSON.parse(await printed(t, ["status", "-c", "watch.yaml", "--json"], options));
  api.tokens = new Set();
  api.endWatches("destroy");
  const refused = await eventually("status names the refusal", async () => {
    const [mount] = (await status()).mounts ?? [];
    return mount?.fault?.message.includes("authentication failed") ? mount : undefined;
  });
  assert.match(refused.fault.message, /cannot list the EndpointSlices of the namespace shop/);
  await becomes("the file stays", "10.0.0.1:80 1", "10.0.0.5:80 1");
  api.failing = 500;
  api.tokens = undefined;
  api.put("shop", sliceOf("web-b", ["10.0.0.6"]));
  await eventually(
    "status names the failure",
    async () => (await status()).mounts?.[0]?.fault?.code === "KEYSPACE_REFUSED" || undefined,
  );
  api.failing = undefined;
  await becomes("it goes on where the server answers again", "10.0.0.1:80 1", "10.0.0.6:80 1");
});

test("kubectl, a client that is not ours, reads the same from the stand-in", async (t) => {
  const { api, address, ca } = await startApi(t, { pageSize: 1 });
  for (const name of ["web-a", "web-b", "db-a"]) api.put("shop", sliceOf(name, ["10.0.0.1"]));
  api.put("elsewhere", sliceOf("web-c", ["10.0.0.2"]));
  const access = [`--server=https://${address}`, `--certificate-authority=${ca}`];
  const cache = `--cache-dir=${await throwAwayFolder(t)}`;
  const get = [
    "kubectl",
    ...access,
    cache,
    "--token=first",
    "get",
    "endpointslices",
    "--namespace=shop",
  ];
  const selector = "--selector=kubernetes.io/service-name in (web)";
  assert.equal(
    await outputOf([...get, selector, "--output=name"]),
    ["web-a", "web-b"].map((name) => `endpointslice.discovery.k8s.io/${name}\n`).join(""),
  );
  await assert.rejects(
    outputOf([...get.map((word) => word.replace("=first", "=wrong"))]),
    /Unauthorized/,
  );
  const watching = start(t, [...get, selector, "--watch-only", "--output=name"]);
  await eventually("kubectl watches", async () => api.watches > 0 || undefined);
  api.bookmark();
  api.put("shop", sliceOf("db-b", ["10.0.0.1"]));
  api.put("shop", sliceOf("web-d", ["10.0.0.1"]));
  await eventually(
    "kubectl has the event",
    async () => watching.output().includes("/web-d") || undefined,
  );
  assert.ok(!watching.output().includes("db-b"), watching.output());
});

test("after any history the entries are those of the slices, and no service was ever absent", async (t) => {
  const { api, address, ca, tokenFile } = await startApi(t, { pageSize: 2 });
  const random = seeded(7);
  const state = new Map<string, readonly string[]>();
  const put = (name: string, addresses: readonly string[]) => {
    state.set(name, addresses);
    api.put("shop", sliceOf(name, addresses));
  };
  for (const name of ["web-fixed", "db-fixed"]) put(name, ["10.1.1.1"]);
  const url = `kubernetes://${address}/shop`;
  const keyspace = await openKeyspace(keyspaceSchema.parse({ url, ca, tokenFile }), {
    clock: systemClock,
    random,
  });
  t.after(() => keyspace[Symbol.asyncDispose]());
  const cell = new Cell<Snapshot | undefined>(undefined);
  const keysOf = () => (cell.value?.chunks ?? []).flat().map(({ key }) => key);
  const keepFollowing = async () => {
    while (!t.signal.aborted) {
      await follow(
        keyspace,
        ["/"],
        cell,
        () => {
          const keys = keysOf();
          for (const fixed of ["/web/10.1.1.1:80", "/db/10.1.1.1:80"]) {
            assert.ok(keys.includes(fixed), `${fixed} is always there`);
          }
        },
        t.signal,
      ).catch((error: unknown) => {
        if (!(error instanceof Fault) && !t.signal.aborted) throw error;
      });
    }
  };
  const following = keepFollowing();
  const names = ["web-a", "web-b", "db-a", "api-a", "api-b"];
  for (let step = 0; step < 400; step += 1) {
    const name = oneOf(names, random);
    const addresses = Array.from(
      { length: Math.floor(random() * 4) },
      () => `10.0.0.${Math.floor(random() * 9)}`,
    );
    if (random() < 0.2) {
      state.delete(name);
      api.remove("shop", name);
    } else put(name, addresses);
    if (random() < 0.05) api.endWatches(oneOf(["end", "destroy", "expired"], random));
    if (random() < 0.03) api.compact();
    if (random() < 0.1) api.bookmark();
    api.failing = random() < 0.03 ? oneOf([500, 503, 429], random) : undefined;
    if (random() < 0.3) await new Promise((resolve) => setImmediate(resolve));
  }
  api.failing = undefined;
  const expected = new Set(
    Array.from(state, ([name, addresses]) =>
      addresses.map((one) => `/${name.split("-")[0]}/${one}:80`),
    ).flat(),
  );
  await eventually("the entries are those of the slices", async () => {
    const keys = new Set(keysOf());
    return (keys.size === expected.size && expected.isSubsetOf(keys)) || undefined;
  });
  void following.catch(() => {});
});
