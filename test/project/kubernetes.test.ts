import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import { parseConfig } from "../../lib/config/load.ts";
import { read } from "../support/sources.ts";

/**
 * deploy/kubernetes.yaml is not tried on a cluster here. What is checked is that it is YAML, that it has no field but
 * those of the API that stand below, each of the kind it has to be, and that what it says of sidekick is so.
 */
const text = (await read("deploy/kubernetes.yaml")).get("deploy/kubernetes.yaml") ?? "";
const documents = parseAllDocuments(text);

/** The fields that something may have; a list of such; or what a value has to be. */
type Shape = "text" | "number" | "yes or no" | "texts by name" | [Shape] | Fields;
type Fields = { readonly [field: string]: Shape };

const probe: Fields = {
  httpGet: { path: "text", port: "text" },
  periodSeconds: "number",
  failureThreshold: "number",
};
const container: Fields = {
  ...{ name: "text", image: "text", restartPolicy: "text" },
  env: [{ name: "text", value: "text", valueFrom: { fieldRef: { fieldPath: "text" } } }],
  ports: [{ name: "text", containerPort: "number" }],
  ...{ startupProbe: probe, livenessProbe: probe, readinessProbe: probe },
  lifecycle: { preStop: { exec: { command: ["text"] } } },
  resources: { requests: "texts by name", limits: "texts by name" },
  securityContext: {
    allowPrivilegeEscalation: "yes or no",
    capabilities: { drop: ["text"] },
    readOnlyRootFilesystem: "yes or no",
  },
  volumeMounts: [{ name: "text", mountPath: "text", readOnly: "yes or no" }],
};
const pod: Fields = {
  ...{ automountServiceAccountToken: "yes or no", terminationGracePeriodSeconds: "number" },
  securityContext: { runAsNonRoot: "yes or no", seccompProfile: { type: "text" } },
  ...{ initContainers: [container], containers: [container] },
  volumes: [
    {
      name: "text",
      configMap: { name: "text" },
      emptyDir: { medium: "text", sizeLimit: "text" },
    },
  ],
};
const kinds: Readonly<Record<string, Fields>> = {
  "v1 ConfigMap": {
    ...{ apiVersion: "text", kind: "text", metadata: { name: "text" } },
    data: "texts by name",
  },
  "apps/v1 Deployment": {
    ...{ apiVersion: "text", kind: "text", metadata: { name: "text" } },
    spec: {
      replicas: "number",
      selector: { matchLabels: "texts by name" },
      template: { metadata: { labels: "texts by name" }, spec: pod },
    },
  },
};

/** What there is that must not be, or is of another kind than it must be. */
function misfits(value: unknown, shape: Shape, at: string): readonly string[] {
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((item, i) => misfits(item, shape[0], `${at}[${i}]`));
  }
  if (shape === "number") return Number.isInteger(value) ? [] : [`${at} is no number`];
  if (shape === "yes or no")
    return typeof value === "boolean" ? [] : [`${at} is not true or false`];
  if (shape === "text") return typeof value === "string" ? [] : [`${at} is no text`];
  if (typeof value !== "object" || value === null) return [`${at} is no section`];
  return Object.entries(value).flatMap(([field, inner]) => {
    const expected = shape === "texts by name" ? "text" : shape[field];
    return expected ? misfits(inner, expected, `${at}.${field}`) : [`${at}.${field}: unknown`];
  });
}

const [config, deployment] = documents.map((document) => document.toJS());

test("deploy/kubernetes.yaml has fields that Kubernetes knows", () => {
  for (const document of documents) {
    assert.deepEqual([...document.errors, ...document.warnings], []);
    const found = document.toJS();
    const shape = kinds[`${found.apiVersion} ${found.kind}`];
    assert.ok(shape, `${found.apiVersion} ${found.kind}`);
    assert.deepEqual(misfits(found, shape, found.kind), []);
  }
});

test("deploy/kubernetes.yaml: sidekick accepts its configuration, and is asked where it answers", () => {
  const { spec } = deployment.spec.template;
  const [sidekick] = spec.initContainers;
  const [web] = spec.containers;
  const env: Record<string, string> = Object.fromEntries(
    sidekick.env.map(({ name, value = "10.0.0.1" }: Record<string, string>) => [name, value]),
  );
  const plan = parseConfig(config.data["sidekick.yaml"], "sidekick.yaml", "yaml", {
    env,
    hostName: "web-1",
  });
  assert.equal(plan.status?.listen?.port, sidekick.ports[0].containerPort);
  assert.equal(plan.presence?.services[0]?.port, web.ports[0].containerPort);
  assert.equal(sidekick.restartPolicy, "Always");
  for (const name of ["startupProbe", "livenessProbe", "readinessProbe"]) {
    const { path, port } = sidekick[name].httpGet;
    assert.equal(port, sidekick.ports[0].name);
    assert.match(path, /^\/(healthz|readyz)$/);
  }
  const volumes = spec.volumes.map(({ name }: { name: string }) => name);
  const mounted = sidekick.volumeMounts.map(({ name }: { name: string }) => name);
  assert.deepEqual(mounted, volumes);
  assert.deepEqual(deployment.spec.selector.matchLabels, deployment.spec.template.metadata.labels);
});

test("deploy/kubernetes.yaml: the application serves for longer than it is drained", () => {
  const { spec } = deployment.spec.template;
  const commandOf = (of: typeof spec) => of.lifecycle.preStop.exec.command;
  const drain = commandOf(spec.initContainers[0]).at(-1);
  const [, sleep] = commandOf(spec.containers[0]);
  assert.ok(Number(sleep) > Number.parseInt(drain, 10));
  assert.ok(spec.terminationGracePeriodSeconds > Number(sleep) * 2 + 10);
});
