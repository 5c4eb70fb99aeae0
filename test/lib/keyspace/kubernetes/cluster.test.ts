import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { clusterOf, namespaceOf } from "../../../../lib/keyspace/kubernetes/cluster.ts";
import { keyspaceSchema } from "../../../../lib/keyspace/schema.ts";
import { throwAwayFolder } from "../../../support/process.ts";

const inPod = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };

function targetOf(config: unknown) {
  const { location, ...rest } = keyspaceSchema.parse(config);
  assert.ok(location.kind === "kubernetes");
  return { ...rest, location };
}

test("in a pod, the server is that of the cluster, with the files of the service account", async (t) => {
  const account = await throwAwayFolder(t);
  const target = targetOf("kubernetes:");
  const cluster = clusterOf(target, inPod, account);
  assert.equal(cluster.origin, "https://[fd00::1]:443");
  assert.deepEqual(cluster.access, {
    ca: join(account, "ca.crt"),
    tokenFile: join(account, "token"),
  });
  await assert.rejects(namespaceOf(target.location, cluster, target.url), {
    code: "KEYSPACE_NO_CLUSTER",
  });
  await writeFile(join(account, "namespace"), "shop\n");
  assert.equal(await namespaceOf(target.location, cluster, target.url), "shop");
  const named = targetOf("kubernetes:other");
  assert.equal(await namespaceOf(named.location, cluster, named.url), "other");
});

test("credentials of the configuration take the place of the account's token, with its CA certificate", () => {
  const { access } = clusterOf(targetOf({ url: "kubernetes:", token: "t" }), inPod, "/account");
  assert.deepEqual(access, { ca: "/account/ca.crt", token: "t" });
});

test("with a server in the URL nothing is read of a pod; without one, elsewhere than in a pod, the fault has what to write", async () => {
  const target = targetOf("kubernetes://10.0.0.9");
  const cluster = clusterOf(target, inPod);
  assert.deepEqual(cluster, { origin: "https://10.0.0.9:6443", access: {}, account: undefined });
  assert.equal(await namespaceOf(target.location, cluster, target.url), "default");
  assert.throws(() => clusterOf(targetOf("kubernetes:shop"), {}), {
    code: "KEYSPACE_NO_CLUSTER",
    message: /kubernetes:shop .*: write kubernetes:\/\/host:6443\/namespace$/,
  });
});

for (const [url, expected] of [
  ["srv:", "write the name of the SRV records"],
  ["srv://host", "write the name of the SRV records"],
  ["srv:a b", "write the name of the SRV records"],
  ["srv://host:0/a", "0 is not a port"],
  ["kubernetes:Shop", "write the namespace"],
  ["kubernetes://host:6443/a/b", "write the namespace"],
] as const) {
  test(`${url} is refused with the expected form`, () => {
    const result = keyspaceSchema.safeParse(url);
    assert.match(result.error?.message ?? "", new RegExp(expected));
  });
}
